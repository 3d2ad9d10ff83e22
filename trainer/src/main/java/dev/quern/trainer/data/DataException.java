package dev.quern.trainer.data;

/** Thrown when data given by the user cannot be used; the message names the file and the place. */
public final class DataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Makes an exception with a message for the user. */
  public DataException(String message) {
    super(message);
  }
}
