package dev.quern;

/** The greatest or least elements along an axis, in order. */
final class Ranking {
  /** Up to so many elements are looked for one after the other, in a pass over the axis each. */
  private static final long ONE_BY_ONE = 32;

  private Ranking() {}

  static TopK topK(Tensor x, long k, int axis, boolean largest) {
    int a = x.shape().axis("topK", axis);
    if (k < 0 || k > x.dim(a)) {
      throw new IllegalArgumentException(
          "topK: k must be in [0, "
              + x.dim(a)
              + "] for axis "
              + axis
              + " of "
              + x.shape()
              + ": "
              + k);
    }
    Tensor rows = x.transpose(a, -1);
    Tensor found = k <= ONE_BY_ONE ? oneByOne(rows, k, largest) : byRank(rows, k, largest);
    Tensor values = rows.gather(-1, found);
    return new TopK(values.transpose(a, -1), found.transpose(a, -1));
  }

  private static Tensor oneByOne(Tensor rows, long k, boolean largest) {
    Tensor x = rows.detach();
    long[] dims = x.shape().dims();
    dims[dims.length - 1] = k;
    if (k == 0) {
      return Tensor.zeros(DType.I64, dims).to(x.device());
    }
    Tensor worst = extreme(x, largest);
    Tensor positions = x.range(x.dim(-1));
    Tensor free = x.eq(x).or(x.ne(x));
    Tensor[] found = new Tensor[(int) k];
    for (int i = 0; i < found.length; i++) {
      Tensor rest = Tensor.where(free, x, worst);
      Tensor best = largest ? rest.max(-1, true) : rest.min(-1, true);
      // The best may equal what stands for the elements taken already
      Tensor hit = free.and(x.eq(best).or(x.ne(x).and(best.ne(best))));
      found[i] = hit.argmax(-1, true);
      free = free.and(positions.ne(found[i]));
    }
    return Tensor.concat(-1, found);
  }

  private static Tensor extreme(Tensor x, boolean largest) {
    Tensor empty = Tensor.zeros(x.dtype(), 0);
    return (largest ? empty.max() : empty.min()).to(x.device());
  }

  /** Counts for each element those that come before it; the counts say who comes where. */
  private static Tensor byRank(Tensor rows, long k, boolean largest) {
    Tensor x = rows.detach();
    Tensor own = x.unsqueeze(-1);
    Tensor other = x.unsqueeze(-2);
    Tensor positions = x.range(x.dim(-1));
    Tensor before = largest ? other.gt(own) : other.lt(own);
    Tensor nan = own.ne(own);
    Tensor otherNan = other.ne(other);
    Tensor equal = other.eq(own).or(nan.and(otherNan));
    Tensor tied = equal.and(positions.lt(positions.unsqueeze(1)));
    Tensor first = otherNan.and(nan.not());
    Tensor rank = before.or(first).or(tied).sum(-1, false);
    Tensor hit = rank.unsqueeze(-2).eq(x.range(k).unsqueeze(1));
    return Tensor.where(hit, positions, positions.zerosLike()).sum(-1, false);
  }
}
