package dev.quern;

import org.jspecify.annotations.Nullable;

/**
 * One term of {@link Tensor#index}: a position, a range, everything, a new axis, or an ellipsis, as
 * in NumPy's basic indexing.
 */
public final class Index {
  enum Kind {
    AT,
    RANGE,
    NEW_AXIS,
    ELLIPSIS
  }

  private static final Index ALL = new Index(Kind.RANGE, null, null, 1);
  private static final Index NEW_AXIS = new Index(Kind.NEW_AXIS, null, null, 1);
  private static final Index ELLIPSIS = new Index(Kind.ELLIPSIS, null, null, 1);

  final Kind kind;
  final @Nullable Long start;
  final @Nullable Long end;
  final long step;

  private Index(Kind kind, @Nullable Long start, @Nullable Long end, long step) {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.step = step;
  }

  /** Returns the term that takes a whole axis, {@code :}. */
  public static Index all() {
    return ALL;
  }

  /** Returns the term that takes one position and drops the axis; negative counts from the end. */
  public static Index at(long position) {
    return new Index(Kind.AT, position, null, 1);
  }

  /** Returns the term {@code start:end}; negative bounds count from the end, bounds are clipped. */
  public static Index range(long start, long end) {
    return range(start, end, 1);
  }

  /**
   * Returns the term {@code start:end:step}.
   *
   * @throws IllegalArgumentException if the step is 0
   */
  public static Index range(long start, long end, long step) {
    checkStep(step);
    return new Index(Kind.RANGE, start, end, step);
  }

  /** Returns the term {@code start:}. */
  public static Index from(long start) {
    return new Index(Kind.RANGE, start, null, 1);
  }

  /** Returns the term {@code :end}. */
  public static Index to(long end) {
    return new Index(Kind.RANGE, null, end, 1);
  }

  /**
   * Returns the term {@code ::step}, which for -1 reverses the axis.
   *
   * @throws IllegalArgumentException if the step is 0
   */
  public static Index every(long step) {
    checkStep(step);
    return new Index(Kind.RANGE, null, null, step);
  }

  /** Returns the term that inserts an axis of 1. */
  public static Index newAxis() {
    return NEW_AXIS;
  }

  /** Returns the term that stands for as many whole axes as are left over, {@code ...}. */
  public static Index ellipsis() {
    return ELLIPSIS;
  }

  private static void checkStep(long step) {
    if (step == 0) {
      throw new IllegalArgumentException("index: step is 0");
    }
  }

  /** Returns the first position of a range on an axis, clipped as in NumPy. */
  long first(long dim) {
    if (start == null) {
      return step > 0 ? 0 : dim - 1;
    }
    return clip(start, dim);
  }

  /** Returns how many positions a range takes on an axis. */
  long count(long dim) {
    long first = first(dim);
    long last = end == null ? (step > 0 ? dim : -1) : clip(end, dim);
    long span = step > 0 ? last - first : first - last;
    long stride = step == Long.MIN_VALUE ? Long.MAX_VALUE : Math.abs(step);
    return span <= 0 ? 0 : (span - 1) / stride + 1;
  }

  private long clip(long bound, long dim) {
    long b = bound < 0 ? bound + dim : bound;
    return step > 0 ? Math.max(0, Math.min(dim, b)) : Math.max(-1, Math.min(dim - 1, b));
  }
}
