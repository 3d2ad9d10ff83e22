package dev.quern.nn;

/** What becomes of the losses of single examples. */
public enum LossReduction {
  /** They are returned as they are. */
  NONE,
  /** Their sum. */
  SUM,
  /** Their sum divided by the sum of their weights. */
  MEAN
}
