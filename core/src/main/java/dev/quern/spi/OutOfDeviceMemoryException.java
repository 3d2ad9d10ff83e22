package dev.quern.spi;

/** An allocation failed; tells the core to free what it can and try again. */
public final class OutOfDeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception; the detail says what is known: free bytes, the driver's code. */
  public OutOfDeviceMemoryException(String detail) {
    super(detail);
  }
}
