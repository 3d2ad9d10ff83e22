package dev.quern.io;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A file read from front to back, decompressed on the fly if its first two bytes say gzip, whatever
 * its name. Positions count bytes of the decompressed content.
 */
public final class InputFile implements AutoCloseable {
  // DEFLATE cannot expand its input more than 1032 times.
  private static final long MAX_EXPANSION = 1032;
  private static final int BUFFER = 1 << 16;

  private final String name;
  private final InputStream in;
  private final long limit;
  private final boolean exact;
  private final String packing;
  private long position;

  private InputFile(
      String name, InputStream in, long limit, boolean exact, String packing, long position) {
    this.name = name;
    this.in = in;
    this.limit = limit;
    this.exact = exact;
    this.packing = packing;
    this.position = position;
  }

  /**
   * Opens a file for reading.
   *
   * @throws UncheckedIOException if the file is missing, a folder or unreadable; the message names
   *     it
   */
  public static InputFile open(Path path) {
    String name = path.toString();
    if (Files.isDirectory(path)) {
      throw new UncheckedIOException(
          name + ": is a folder, not a file", new IOException("not a regular file"));
    }
    try {
      // A pipe has no length to compare claimed sizes with.
      long length = Files.isRegularFile(path) ? Files.size(path) : -1;
      return open(name, Files.newInputStream(path), length);
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + reason(e), e);
    }
  }

  /**
   * Returns content that is in memory already, plain or gzipped.
   *
   * @param name what errors call it
   * @throws FormatException if it starts as gzip does and goes on otherwise
   */
  public static InputFile of(String name, byte... content) {
    return open(name, new ByteArrayInputStream(content), content.length);
  }

  /** Returns part of a file; {@code start} and {@code end} are positions in it. */
  static InputFile range(String name, InputStream in, long start, long end) {
    return new InputFile(name, in, end, true, "", start);
  }

  /** Returns the content of an entry in an archive, which may be at most {@code limit} bytes. */
  static InputFile entry(String name, InputStream in, long limit, boolean exact) {
    return new InputFile(name, new BufferedInputStream(in, 1 << 13), limit, exact, "zip", 0);
  }

  private static InputFile open(String name, InputStream source, long length) {
    InputStream file = new BufferedInputStream(source, buffer(length));
    try {
      byte[] magic = peek(file, 2);
      if (magic.length < 2 || (magic[0] & 0xff) != 0x1f || (magic[1] & 0xff) != 0x8b) {
        long limit = length < 0 ? Long.MAX_VALUE : length;
        return new InputFile(name, file, limit, length >= 0, "", 0);
      }
      InputStream unzipped =
          new BufferedInputStream(new GZIPInputStream(file, buffer(length)), BUFFER);
      long limit = length < 0 ? Long.MAX_VALUE : length * MAX_EXPANSION;
      return new InputFile(name, unzipped, limit, false, "gzip", 0);
    } catch (EOFException | ZipException e) {
      closeQuietly(file);
      throw new FormatException(name, 0, "damaged gzip header: " + reason(e));
    } catch (IOException e) {
      closeQuietly(file);
      throw new UncheckedIOException(name + ": " + reason(e), e);
    }
  }

  private static int buffer(long length) {
    return length < 0 ? BUFFER : (int) Math.max(512, Math.min(length, BUFFER));
  }

  /** Returns the file's name as given. */
  public String name() {
    return name;
  }

  /** Returns the number of bytes read so far. */
  public long position() {
    return position;
  }

  /** Returns whether the length is known beforehand; it is not for gzip and pipes. */
  boolean isLengthKnown() {
    return exact;
  }

  /** Returns up to {@code count} of the next bytes without consuming them. */
  public byte[] peek(int count) {
    try {
      return peek(in, count);
    } catch (IOException e) {
      throw fault(e);
    }
  }

  private static byte[] peek(InputStream in, int count) throws IOException {
    in.mark(count);
    byte[] bytes = in.readNBytes(count);
    in.reset();
    return bytes;
  }

  /**
   * Fills part of an array with the next bytes.
   *
   * @param what what is being read, for the error
   * @throws FormatException if the content ends first
   */
  public void readFully(byte[] target, int offset, int length, String what) {
    int n;
    try {
      n = in.readNBytes(target, offset, length);
    } catch (IOException e) {
      throw fault(e);
    }
    position += n;
    if (n < length) {
      throw error("truncated: the file ends within the " + what);
    }
  }

  /** Returns the next {@code length} bytes, checked like {@link #readFully}. */
  byte[] read(int length, String what) {
    byte[] bytes = new byte[length];
    readFully(bytes, 0, length, what);
    return bytes;
  }

  /**
   * Checks that the rest of the file can hold {@code bytes} bytes, before memory is reserved for
   * them.
   *
   * @throws FormatException if it cannot
   */
  public void require(long bytes, String what) {
    long left = limit - position;
    if (bytes > left) {
      throw error(
          what
              + " needs "
              + bytes
              + " bytes, but the file has "
              + (exact ? "" : "at most ")
              + left
              + " left");
    }
  }

  /**
   * Checks that the content ends here.
   *
   * @throws FormatException if bytes follow
   */
  public void requireEnd(String what) {
    if (peek(1).length > 0) {
      throw error("unexpected bytes after the " + what);
    }
  }

  /** Returns an exception for a fault at the current position. */
  public FormatException error(String problem) {
    return error(position, problem);
  }

  /** Returns an exception for a fault at a position. */
  public FormatException error(long offset, String problem) {
    return new FormatException(name, offset, problem);
  }

  /**
   * Returns the rest of the content as a stream that ends with this file. Decompression faults
   * surface from it as {@link FormatException}.
   */
  public InputStream stream() {
    return new InputStream() {
      @Override
      public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) {
        try {
          int n = in.read(target, offset, length);
          position += Math.max(n, 0);
          return n;
        } catch (IOException e) {
          throw fault(e);
        }
      }
    };
  }

  private RuntimeException fault(IOException e) {
    if (e instanceof EOFException || e instanceof ZipException) {
      return error("damaged or truncated " + packing + " data: " + reason(e));
    }
    return new UncheckedIOException(name + ": " + reason(e), e);
  }

  static String reason(IOException e) {
    if (e instanceof NoSuchFileException) {
      return "no such file or folder";
    }
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    if (e instanceof EOFException && e.getMessage() == null) {
      return "it ends too early";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static void closeQuietly(InputStream in) {
    try {
      in.close();
    } catch (IOException e) {
      // The fault that led here is the one to report.
    }
  }

  /** Closes the file; a second call does nothing. */
  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(name + ": " + reason(e), e);
    }
  }
}
