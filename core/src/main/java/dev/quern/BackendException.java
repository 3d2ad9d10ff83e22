package dev.quern;

/** A device or its driver failed; the message names the call, the operation and the device. */
public final class BackendException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with the failed call, its code and the device. */
  public BackendException(String message) {
    super(message);
  }

  /** Creates the exception with the failed call, its code and the device, and what caused it. */
  public BackendException(String message, Throwable cause) {
    super(message, cause);
  }
}
