package dev.quern.spi;

/** How a reduction combines elements. Each has an identity, which an empty reduction returns. */
public enum Reduction {
  /** The sum; identity 0. Floating sums are pairwise or blocked, in an order fixed per device. */
  SUM,
  /** The product; identity 1. */
  PROD,
  /** The greatest element, NaN if any is NaN; identity -infinity or the type's least value. */
  MAX,
  /** The least element, NaN if any is NaN; identity +infinity or the type's greatest value. */
  MIN,
  /**
   * log(sum(exp(x))), computed as max + log(sum(exp(x - max))); floating types only; identity
   * -infinity; +infinity if any element is +infinity and none NaN.
   */
  LOG_SUM_EXP
}
