package dev.quern.trainer.verify;

/**
 * How one case went.
 *
 * @param name the case
 * @param op the operator or training run
 * @param family the group it belongs to
 * @param status the verdict
 * @param message what differs, or why there is no verdict; empty if it passed
 * @param difference the greatest difference seen, on the case's own measure
 */
public record CaseResult(
    String name, String op, String family, Status status, String message, double difference) {
  /** A verdict. */
  public enum Status {
    /** All outputs agree. */
    PASSED,
    /** An output differs, or the case could not be read or run. */
    FAILED,
    /** The library has no such operation. */
    UNSUPPORTED
  }
}
