package dev.quern.io;

/**
 * Thrown when a file's content is not what its format prescribes; the message reads {@code FILE:
 * byte N: what is wrong}.
 */
public final class FormatException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String file;
  private final long offset;

  /**
   * Makes an exception for a fault in a file.
   *
   * @param file the file's name
   * @param offset where the fault lies, in bytes from the start of the (decompressed) content
   * @param problem what is wrong there
   */
  public FormatException(String file, long offset, String problem) {
    super(file + ": byte " + offset + ": " + problem);
    this.file = file;
    this.offset = offset;
  }

  /** Returns the name of the file. */
  public String file() {
    return file;
  }

  /** Returns the byte at which the fault lies, counted in the decompressed content. */
  public long offset() {
    return offset;
  }
}
