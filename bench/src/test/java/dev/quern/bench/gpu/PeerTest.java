package dev.quern.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a process is kept and when it is ended. */
final class PeerTest {
  // Answers with its number, or with what it is asked for.
  private static final String SCRIPT =
      "while read -r line; do case $line in hello) echo \"{pid: $$}\";; *) echo \"$line\";; esac;"
          + " done";

  @TempDir Path folder;

  private static int pid(Peer peer) {
    return peer.ask("hello", 10).get("pid").getAsInt();
  }

  @Test
  void shouldKeepTheProcessAfterAnError() {
    try (Peer peer = new Peer(List.of("bash", "-c", SCRIPT), folder.resolve("log"))) {
      int first = pid(peer);

      PeerException failure =
          assertThrows(PeerException.class, () -> peer.ask("{error: wrong}", 10));

      assertEquals("wrong", failure.reason());
      assertEquals(first, pid(peer));
    }
  }

  @Test
  void shouldStartAnotherProcessWhereTheDeviceIsLost() {
    try (Peer peer = new Peer(List.of("bash", "-c", SCRIPT), folder.resolve("log"))) {
      int first = pid(peer);

      PeerException failure =
          assertThrows(PeerException.class, () -> peer.ask("{error: wrong, lost: true}", 10));

      assertEquals("wrong", failure.reason());
      assertNotEquals(first, pid(peer));
    }
  }
}
