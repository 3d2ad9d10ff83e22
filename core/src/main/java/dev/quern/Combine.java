package dev.quern;

/** How {@link Tensor#scatter} joins what it writes with what is there. */
public enum Combine {
  /** The written element replaces the old one; of several the last stays. */
  REPLACE,
  /** The sum of the old element and all written ones. */
  ADD,
  /** The product of the old element and all written ones. */
  MUL,
  /** The greatest of the old element and all written ones, NaN if any is NaN. */
  MAX,
  /** The least of the old element and all written ones, NaN if any is NaN. */
  MIN
}
