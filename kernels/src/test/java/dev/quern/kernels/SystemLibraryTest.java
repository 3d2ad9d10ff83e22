package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Looks for a library below a folder that stands for the root of a system. */
final class SystemLibraryTest {
  @TempDir private Path root;

  @BeforeEach
  void makeSystem() throws IOException {
    Files.createDirectories(root.resolve("usr/lib/some-linux-gnu"));
    Files.createDirectories(root.resolve("opt/driver"));
    writeCache("\0libc.so.6\0/lib/libc.so.6\0");
  }

  private void writeCache(String content) throws IOException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(root.resolve("etc/ld.so.cache"), content);
  }

  @Test
  void shouldNotFindWhatIsNotThere() {
    assertFalse(new SystemLibrary(root, null).isThere("libX.so", "libX.so.1"));
    assertFalse(
        new SystemLibrary(root, root.resolve("opt/driver") + ":").isThere("libX.so", "libX.so.1"));
  }

  @Test
  void shouldFindItInTheFolderOfTheArchitecture() throws IOException {
    Files.createFile(root.resolve("usr/lib/some-linux-gnu/libX.so.1"));

    assertTrue(new SystemLibrary(root, null).isThere("libX.so", "libX.so.1"));
  }

  @Test
  void shouldFindItInTheUsersPath() throws IOException {
    Files.createFile(root.resolve("opt/driver/libX.so"));

    assertTrue(
        new SystemLibrary(root, "/nowhere:" + root.resolve("opt/driver"))
            .isThere("libX.so", "libX.so.1"));
  }

  @Test
  void shouldFindItInTheLinkersCache() throws IOException {
    writeCache("\0libX.so.1\0/opt/vendor/libX.so.1\0");

    assertTrue(new SystemLibrary(root, null).isThere("libX.so", "libX.so.1"));
  }

  @Test
  void shouldNotRuleItOutWithoutALinkersCache() throws IOException {
    Files.delete(root.resolve("etc/ld.so.cache"));

    assertTrue(new SystemLibrary(root, null).isThere("libX.so", "libX.so.1"));
  }
}
