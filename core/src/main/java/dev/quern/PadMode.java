package dev.quern;

/** What {@link Tensor#pad(long[], long[], PadMode)} puts beyond the ends of an axis. */
public enum PadMode {
  /** The nearest element: {@code 1 1 | 1 2 3 | 3 3}. */
  EDGE,
  /** The elements mirrored at the last one, which is not repeated: {@code 3 2 | 1 2 3 | 2 1}. */
  REFLECT,
  /** The elements from the other end: {@code 2 3 | 1 2 3 | 1 2}. */
  WRAP
}
