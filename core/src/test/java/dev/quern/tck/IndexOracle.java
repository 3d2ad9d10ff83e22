package dev.quern.tck;

import dev.quern.Index;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Index terms together with the positions that Python's slice rules give them. */
final class IndexOracle {
  private final List<Index> terms = new ArrayList<>();
  private final List<long[]> positions = new ArrayList<>();
  // For each result axis the axis it comes from, -1 for a new one.
  private final List<Integer> sources = new ArrayList<>();
  private final StringBuilder text = new StringBuilder();

  private IndexOracle() {}

  /** Draws terms for an array of these extents. */
  static IndexOracle random(SplittableRandom random, long... dims) {
    IndexOracle oracle = new IndexOracle();
    int axis = 0;
    boolean ellipsis = false;
    while (axis < dims.length && oracle.terms.size() < 8) {
      int kind = random.nextInt(10);
      if (kind == 0) {
        oracle.newAxis();
      } else if (kind == 1 && !ellipsis) {
        ellipsis = true;
        int skipped = random.nextInt(dims.length - axis + 1);
        oracle.term(Index.ellipsis(), "...");
        for (int i = 0; i < skipped; i++) {
          oracle.whole(axis, dims[axis]);
          axis++;
        }
        // An ellipsis takes all that the other terms leave: so now every axis needs a term.
        for (; axis < dims.length; axis++) {
          oracle.range(random, axis, dims[axis]);
        }
      } else if (kind == 2 && dims[axis] > 0) {
        oracle.at(random, axis, dims[axis]);
        axis++;
      } else {
        oracle.range(random, axis, dims[axis]);
        axis++;
        if (!ellipsis && random.nextInt(6) == 0) {
          break;
        }
      }
    }
    for (; axis < dims.length; axis++) {
      oracle.whole(axis, dims[axis]);
    }
    return oracle;
  }

  private void term(Index term, String shown) {
    terms.add(term);
    text.append(text.length() == 0 ? "[" : ", ").append(shown);
  }

  private void newAxis() {
    term(Index.newAxis(), "new");
    positions.add(new long[] {0});
    sources.add(-1);
  }

  private void whole(int axis, long dim) {
    positions.add(java.util.stream.LongStream.range(0, dim).toArray());
    sources.add(axis);
  }

  private void at(SplittableRandom random, int axis, long dim) {
    long given = random.nextLong(-dim, dim);
    term(Index.at(given), String.valueOf(given));
    // Kept as an axis of one position, and dropped at the end.
    positions.add(new long[] {given < 0 ? given + dim : given});
    sources.add(-2 - axis);
  }

  private void range(SplittableRandom random, int axis, long dim) {
    long step = random.nextLong(1, 4) * (random.nextBoolean() ? 1 : -1);
    Long start = random.nextInt(4) == 0 ? null : random.nextLong(-dim - 2, dim + 3);
    Long end = random.nextInt(4) == 0 ? null : random.nextLong(-dim - 2, dim + 3);
    // Only some combinations of missing bounds have a factory.
    if (start == null && end == null) {
      term(Index.every(step), "::" + step);
    } else if (start == null && end != null) {
      step = 1;
      term(Index.to(end), ":" + end);
    } else if (start != null && end == null) {
      step = 1;
      term(Index.from(start), start + ":");
    } else if (start != null && end != null) {
      term(Index.range(start, end, step), start + ":" + end + ":" + step);
    }
    positions.add(positions(start, end, step, dim));
    sources.add(axis);
  }

  // The definition of slice.indices in Python's language reference, followed by its range.
  private static long[] positions(
      @org.jspecify.annotations.Nullable Long start,
      @org.jspecify.annotations.Nullable Long end,
      long step,
      long dim) {
    long low = step > 0 ? 0 : -1;
    long high = step > 0 ? dim : dim - 1;
    long from = step > 0 ? low : high;
    long to = step > 0 ? high : low;
    if (start != null) {
      from = Math.min(high, Math.max(low, start < 0 ? start + dim : start));
    }
    if (end != null) {
      to = Math.min(high, Math.max(low, end < 0 ? end + dim : end));
    }
    List<Long> out = new ArrayList<>();
    for (long at = from; step > 0 ? at < to : at > to; at += step) {
      out.add(at);
    }
    return out.stream().mapToLong(v -> v).toArray();
  }

  Index[] terms() {
    return terms.toArray(new Index[0]);
  }

  String text() {
    return text + "]";
  }

  /** Returns what the terms take of an array. */
  Values apply(Values values) {
    long[] strides = Values.strides(values.dims());
    int n = positions.size();
    long[] full = new long[n];
    for (int i = 0; i < n; i++) {
      full[i] = positions.get(i).length;
    }
    List<Long> dims = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      if (sources.get(i) >= -1) {
        dims.add(full[i]);
      }
    }
    Values all =
        values.pick(
            full,
            k -> {
              long rest = k;
              long at = 0;
              for (int i = n - 1; i >= 0; i--) {
                long place = positions.get(i)[(int) (rest % full[i])];
                rest /= full[i];
                int source = sources.get(i);
                if (source != -1) {
                  at += place * strides[source < -1 ? -2 - source : source];
                }
              }
              return (int) at;
            });
    return all.reshape(dims.stream().mapToLong(v -> v).toArray());
  }
}
