package dev.quern.bench.gpu;

/** A device computed something wrong. */
final class WrongResultException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WrongResultException(String message) {
    super(message);
  }

  /** Returns the part of what is allowed that an error is, if it is at most 1. */
  static double within(String what, double expected, double actual, double allowed) {
    double error = Math.abs(actual - expected);
    double part = error == 0 ? 0 : error / allowed;
    if (!(part <= 1)) {
      throw new WrongResultException(
          what + ": expected " + expected + ", got " + actual + ", allowed error " + allowed);
    }
    return part;
  }
}
