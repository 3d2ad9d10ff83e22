package dev.quern.trainer.plots;

import java.util.Locale;

/**
 * Round numbers along an axis: multiples of 1, 2 or 5 times a power of ten.
 *
 * @param at the numbers, ascending
 * @param labels the numbers with the digits that tell them apart
 */
record Ticks(double[] at, String[] labels) {
  private static final int ABOUT = 7;
  // Beyond these many digits after the point a power of ten says less than the number written out.
  private static final int MOST_DIGITS = 4;

  /** Returns about seven ticks from one number to another. */
  static Ticks of(double from, double to) {
    return of(from, to, 0);
  }

  /** Returns about seven whole numbers, or fewer, from one number to another. */
  static Ticks ofCounts(double from, double to) {
    return of(from, to, 1);
  }

  private static Ticks of(double from, double to, double least) {
    double rough = Math.max((to - from) / ABOUT, least);
    if (!(rough > 0 && Double.isFinite(rough))) {
      return new Ticks(new double[0], new String[0]);
    }
    int exponent = (int) Math.floor(Math.log10(rough));
    double power = Math.pow(10, exponent);
    double step = power * (rough / power < 1.5 ? 1 : rough / power < 3.5 ? 2 : 5);
    long first = (long) Math.ceil(from / step);
    int n = Math.max(0, (int) ((long) Math.floor(to / step) - first + 1));
    double[] at = new double[n];
    String[] labels = new String[n];
    double largest = Math.max(Math.abs(from), Math.abs(to));
    for (int i = 0; i < n; i++) {
      at[i] = (first + i) * step;
      labels[i] = label(at[i], exponent, largest);
    }
    return new Ticks(at, labels);
  }

  private static String label(double value, int exponent, double largest) {
    if (value == 0) {
      return "0";
    }
    int digits = (int) Math.floor(Math.log10(Math.abs(value)) + 1e-9) - exponent;
    if (largest < 1e-3 || largest >= 1e15 || (largest >= 1e7 && digits <= MOST_DIGITS)) {
      return String.format(Locale.ROOT, "%." + Math.max(0, digits) + "e", value);
    }
    // Four digits may be a year.
    String format = (Math.abs(value) >= 10_000 ? "%,." : "%.") + Math.max(0, -exponent) + "f";
    return String.format(Locale.ROOT, format, value);
  }
}
