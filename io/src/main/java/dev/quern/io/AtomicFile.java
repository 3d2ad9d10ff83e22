package dev.quern.io;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes files that appear under their name only when they are complete, and on the disk: whenever
 * the program or the machine stops, there is the old file or the new one.
 */
public final class AtomicFile {
  private static final AtomicLong WRITTEN = new AtomicLong();

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
   * Writes a file beside its destination, waits until it is on the disk, and moves it there; a
   * symbolic link is followed. A process killed meanwhile may leave {@code NAME.PROCESS.NUMBER.tmp}
   * behind.
   *
   * @throws UncheckedIOException if that fails; an existing file is then unharmed and nothing half
   *     written stays behind
   */
  public static void write(Path path, Content content) {
    // Two threads or processes that write one file must not write into each other's.
    String suffix = "." + ProcessHandle.current().pid() + "." + WRITTEN.incrementAndGet() + ".tmp";
    try {
      Path target = Files.isSymbolicLink(path) ? path.toRealPath() : path;
      // A move would replace an empty folder, a pipe or a device.
      if (Files.exists(target) && !Files.isRegularFile(target)) {
        throw new IOException("is no regular file");
      }
      Path temporary = target.resolveSibling(target.getFileName() + suffix);
      try {
        try (FileChannel channel =
                FileChannel.open(
                    temporary,
                    StandardOpenOption.WRITE,
                    StandardOpenOption.CREATE,
                    StandardOpenOption.TRUNCATE_EXISTING);
            OutputStream out =
                new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 16)) {
          content.writeTo(out);
          out.flush();
          channel.force(true);
        }
        Files.move(
            temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        forceFolder(target);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (IOException e) {
      String reason = Files.isDirectory(path) ? "is a folder" : InputFile.reason(e);
      throw new UncheckedIOException(path + ": cannot be written: " + reason, e);
    }
  }

  private static void forceFolder(Path path) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null) {
      return;
    }
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      // Windows opens no folders, and needs no such call.
      return;
    }
    try (channel) {
      channel.force(true);
    }
  }
}
