package dev.quern.tck;

import dev.quern.DType;

/** How far a result may lie from the true value. */
@FunctionalInterface
interface Bound {
  /** The result is the true value rounded once, sign of zero included. */
  Bound EXACT = (exact, x, dtype) -> 0;

  /**
   * Returns the greatest absolute error allowed.
   *
   * @param exact the true value, finite
   * @param x the operands
   * @param dtype the result's type
   */
  double allowed(double exact, double[] x, DType dtype);

  /** Returns a bound in units in the last place of the true value. */
  static Bound ulps(double f32, double f64) {
    // A zero has to be right, sign included.
    return (exact, x, dtype) ->
        exact == 0 ? 0 : (dtype == DType.F64 ? f64 : f32) * ulp(exact, dtype);
  }

  /** Returns the sum of this bound and another. */
  default Bound plus(Bound other) {
    return (exact, x, dtype) -> allowed(exact, x, dtype) + other.allowed(exact, x, dtype);
  }

  /** Returns a bound relative to the first operand: {@code factor * eps * |x0|}. */
  static Bound ofOperand(double factor) {
    return (exact, x, dtype) -> factor * epsilon(dtype) * Math.abs(x[0]);
  }

  /** Returns the unit roundoff: half the distance between 1 and the next number. */
  static double epsilon(DType dtype) {
    return Math.scalb(1.0, -Rounding.precision(dtype));
  }

  /** Returns the least positive number. */
  static double tiny(DType dtype) {
    return Rounding.minValue(dtype);
  }

  /** Returns the distance between neighbours of the type around a finite value. */
  static double ulp(double value, DType dtype) {
    return Rounding.ulp(value, dtype);
  }
}
