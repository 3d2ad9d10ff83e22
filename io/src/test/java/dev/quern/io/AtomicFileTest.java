package dev.quern.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir private Path folder;

  @Test
  void shouldReplaceAFile() throws IOException {
    Path path = Files.writeString(folder.resolve("a"), "old");

    AtomicFile.write(path, out -> out.write('x'));

    assertEquals("x", Files.readString(path));
  }

  @Test
  void shouldNotReplaceAnEmptyFolder() throws IOException {
    Path path = Files.createDirectory(folder.resolve("a"));

    assertThrows(UncheckedIOException.class, () -> AtomicFile.write(path, out -> out.write('x')));

    assertTrue(Files.isDirectory(path));
  }

  @Test
  void shouldFollowALink() throws IOException {
    Path path = Files.writeString(folder.resolve("a"), "old");
    Path link = Files.createSymbolicLink(folder.resolve("link"), path);

    AtomicFile.write(link, out -> out.write('x'));

    assertEquals("x", Files.readString(path));
    assertTrue(Files.isSymbolicLink(link));
  }

  @Test
  void shouldNotReplaceADevice() {
    Path device = Path.of("/dev/null");
    assumeTrue(Files.exists(device) && !Files.isRegularFile(device));

    assertThrows(UncheckedIOException.class, () -> AtomicFile.write(device, out -> out.write('x')));

    assertTrue(Files.exists(device) && !Files.isRegularFile(device));
  }

  @Test
  void shouldLeaveEverythingAsItWasWhenWritingFails() throws IOException {
    Path path = Files.writeString(folder.resolve("a"), "old");

    assertThrows(
        UncheckedIOException.class,
        () ->
            AtomicFile.write(
                path,
                out -> {
                  out.write('x');
                  throw new IOException("disk full");
                }));

    assertEquals("old", Files.readString(path));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(1, files.count());
    }
  }

  @Test
  void shouldNameTheFileThatCannotBeWritten() {
    Path path = folder.resolve("missing").resolve("a");

    UncheckedIOException e =
        assertThrows(UncheckedIOException.class, () -> AtomicFile.write(path, out -> out.write(1)));
    String message = String.valueOf(e.getMessage());

    assertTrue(message.startsWith(path + ": cannot be written: "), message);
  }
}
