package dev.quern.trainer.data;

/** What a model predicts, and so which targets it takes. */
public enum Task {
  /** A real number. */
  REGRESSION,
  /** One of the two classes 0 and 1. */
  BINARY,
  /** One of the classes 0, 1, 2 ... */
  CLASSES;

  /** Returns what is wrong with a finite target, or an empty string. */
  String objection(double target, int rows) {
    if (this == REGRESSION) {
      return "";
    }
    if (target != Math.rint(target)) {
      return "label " + target + " is not an integer";
    }
    if (target < 0) {
      return "label " + (long) target + " is negative";
    }
    if (this == BINARY && target > 1) {
      return "label " + (long) target + " is neither 0 nor 1";
    }
    // Guards against years or identifiers taken for labels, which would cost a column each.
    if (target >= Math.max(rows, 2)) {
      return "label " + (long) target + " is absurd for " + rows + " rows: classes count from 0";
    }
    return "";
  }
}
