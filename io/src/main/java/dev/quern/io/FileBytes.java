package dev.quern.io;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The bytes of a file at any place: mapped into memory, so that only what is asked for is read, or
 * an array that is there already. Reading changes no state: threads may share it.
 */
final class FileBytes implements AutoCloseable {
  // One mapping holds at most 2^31 - 1 bytes.
  private static final int WINDOW_BITS = 30;
  private static final int WINDOW = 1 << WINDOW_BITS;

  private final String name;
  private final long size;
  private volatile ByteBuffer[] windows;

  private FileBytes(String name, long size, ByteBuffer... windows) {
    this.name = name;
    this.size = size;
    this.windows = windows;
  }

  /**
   * Maps a file.
   *
   * @throws UncheckedIOException if the file is missing, not a regular one or unreadable
   */
  static FileBytes map(Path path) {
    String name = path.toString();
    if (Files.exists(path) && !Files.isRegularFile(path)) {
      String what = Files.isDirectory(path) ? "is a folder, not a file" : "is no regular file";
      throw new UncheckedIOException(name + ": " + what, new IOException("not a regular file"));
    }
    // A mapping outlives its channel.
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      long size = channel.size();
      ByteBuffer[] windows = new ByteBuffer[(int) ((size + WINDOW - 1) >>> WINDOW_BITS)];
      for (int i = 0; i < windows.length; i++) {
        long start = (long) i << WINDOW_BITS;
        windows[i] =
            channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(WINDOW, size - start));
      }
      return new FileBytes(name, size, windows);
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + InputFile.reason(e), e);
    }
  }

  /** Returns content that is in memory, under a name for errors. */
  static FileBytes of(String name, byte... content) {
    return new FileBytes(name, content.length, ByteBuffer.wrap(content));
  }

  String name() {
    return name;
  }

  long size() {
    return size;
  }

  /** Returns an exception for a fault at a position. */
  FormatException error(long offset, String problem) {
    return new FormatException(name, offset, problem);
  }

  /**
   * Copies bytes out.
   *
   * @param what what is being read, for the error
   * @throws FormatException if the file ends first
   */
  void read(long offset, byte[] target, int at, int length, String what) {
    if (offset < 0 || length > size - offset) {
      throw error(
          Math.max(0, Math.min(offset, size)), "truncated: the file ends within the " + what);
    }
    ByteBuffer[] open = windows;
    if (open.length == 0 && size > 0) {
      throw new IllegalStateException(name + ": is closed");
    }
    int done = 0;
    try {
      while (done < length) {
        long from = offset + done;
        ByteBuffer window = open[(int) (from >>> WINDOW_BITS)];
        int start = (int) (from & (WINDOW - 1));
        int step = Math.min(length - done, window.capacity() - start);
        window.get(start, target, at + done, step);
        done += step;
      }
    } catch (InternalError e) {
      // What Java makes of the signal when a mapped file has been cut short.
      throw new UncheckedIOException(name + ": changed while it was read", new IOException(e));
    }
  }

  /** Returns some bytes, checked like {@link #read}, to be read in little-endian order. */
  ByteBuffer read(long offset, int length, String what) {
    if (length > size - offset) {
      throw error(
          Math.max(0, Math.min(offset, size)), "truncated: the file ends within the " + what);
    }
    byte[] bytes = new byte[length];
    read(offset, bytes, 0, length, what);
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** Returns the bytes from {@code start} to before {@code end}, read from front to back. */
  InputFile range(long start, long end) {
    return InputFile.range(name, new BufferedInputStream(stream(start, end), 1 << 13), start, end);
  }

  /** Returns the bytes from {@code start} to before {@code end} as a stream. */
  InputStream stream(long start, long end) {
    return new InputStream() {
      private long position = start;

      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int at, int length) {
        if (length == 0) {
          return 0;
        }
        if (position >= end) {
          return -1;
        }
        int step = (int) Math.min(length, end - position);
        FileBytes.this.read(position, target, at, step, "data");
        position += step;
        return step;
      }
    };
  }

  /** Lets go of the file; the collector unmaps it. A second call does nothing. */
  @Override
  public void close() {
    windows = new ByteBuffer[0];
  }
}
