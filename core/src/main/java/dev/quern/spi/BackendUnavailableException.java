package dev.quern.spi;

/** Says why a backend has no device on this machine. */
public final class BackendUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with the reason, one line for a person. */
  public BackendUnavailableException(String reason) {
    super(reason);
  }
}
