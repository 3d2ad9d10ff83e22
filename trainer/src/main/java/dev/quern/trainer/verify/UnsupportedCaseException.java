package dev.quern.trainer.verify;

/** Thrown when a case is well-formed but asks for something that has no counterpart here. */
final class UnsupportedCaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  UnsupportedCaseException(String message) {
    super(message);
  }
}
