package dev.quern.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes files that appear under their name only when they are complete. */
public final class AtomicFile {
  /** What to write into a file. */
  @FunctionalInterface
  public interface Content {
    /**
     * Writes everything; the caller closes the stream.
     *
     * @throws IOException if the stream fails
     */
    void writeTo(OutputStream out) throws IOException;
  }

  private AtomicFile() {}

  /**
   * Writes a file beside its destination and moves it there at the end.
   *
   * @throws UncheckedIOException if that fails; an existing file is then unharmed and nothing half
   *     written stays behind
   */
  public static void write(Path path, Content content) {
    Path temporary = path.resolveSibling(path.getFileName() + "." + ProcessHandle.current().pid());
    try {
      try {
        try (OutputStream out =
            new BufferedOutputStream(
                Files.newOutputStream(
                    temporary, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING))) {
          content.writeTo(out);
        }
        // A move would replace an empty folder.
        if (Files.isDirectory(path)) {
          throw new IOException("is a folder");
        }
        Files.move(temporary, path, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      String reason = Files.isDirectory(path) ? "is a folder" : InputFile.reason(e);
      throw new UncheckedIOException(path + ": cannot be written: " + reason, e);
    }
  }
}
