package dev.quern.trainer.verify;

/** Thrown when a case's files are not what they should be; the message names file and fault. */
final class MalformedCaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MalformedCaseException(String message) {
    super(message);
  }
}
