package dev.quern;

import dev.quern.internal.Node;
import java.util.Arrays;

/**
 * Writing to and reading from places that index tensors name. Sums go through the backend's
 * scatter; the others compare each place with each index, in one fused reduction that stores none
 * of the comparisons.
 */
final class Scattering {
  private Scattering() {}

  static Tensor scatter(Tensor x, int axis, Tensor index, Tensor source, Combine combine) {
    int a = x.shape().axis("scatter", axis);
    check(x, index, source);
    long[] expected = x.shape().dims();
    boolean fits = index.rank() == x.rank() && index.shape().equals(source.shape());
    if (fits) {
      expected[a] = index.dim(a);
      fits = Arrays.equals(expected, index.shape().dims());
    }
    if (!fits) {
      throw new IllegalArgumentException(
          "scatter: index and source must have the target's shape off axis "
              + axis
              + ": index "
              + index.shape()
              + ", source "
              + source.shape()
              + ", target "
              + x.shape());
    }
    Tensor target = x.transpose(a, -1).unsqueeze(-1);
    Tensor places = places("scatter", index.transpose(a, -1), x.dim(a));
    Tensor written = source.transpose(a, -1).unsqueeze(-1);
    return combined(target, places, written, combine).squeeze(-1).transpose(a, -1);
  }

  static Tensor scatterNd(Tensor x, Tensor index, Tensor source, Combine combine) {
    check(x, index, source);
    int depth = depth("scatterNd", x, index, 0);
    long[] dims = x.shape().dims();
    long[] named = Arrays.copyOf(dims, depth);
    long[] rest = Arrays.copyOfRange(dims, depth, dims.length);
    long[] outer = Arrays.copyOf(index.shape().dims(), index.rank() - 1);
    if (!Arrays.equals(joined(outer, rest), source.shape().dims())) {
      throw new IllegalArgumentException(
          "scatterNd: source must be "
              + Shape.of(joined(outer, rest))
              + " for index "
              + index.shape()
              + " and target "
              + x.shape()
              + ": "
              + source.shape());
    }
    Tensor flat = flatPlaces("scatterNd", index, named).flatten();
    long width = product(rest);
    Tensor rows = x.reshape(product(named), width);
    Tensor written = source.reshape(flat.size(), width);
    return combined(rows, flat, written, combine).reshape(dims);
  }

  static Tensor gatherNd(Tensor x, Tensor index, int batch) {
    checkIndex("gatherNd", index);
    int depth = depth("gatherNd", x, index, batch);
    long[] dims = x.shape().dims();
    for (int i = 0; i < batch; i++) {
      if (dims[i] != index.dim(i)) {
        throw new IllegalArgumentException(
            "gatherNd: the first "
                + batch
                + " axes differ: "
                + x.shape()
                + " and index "
                + index.shape());
      }
    }
    long[] named = Arrays.copyOfRange(dims, batch, batch + depth);
    long[] rest = Arrays.copyOfRange(dims, batch + depth, dims.length);
    long batches = product(Arrays.copyOf(dims, batch));
    Tensor flat = flatPlaces("gatherNd", index, named);
    long[] outer = flat.shape().dims();
    Tensor first = x.range(batches).mul((double) product(named)).unsqueeze(1);
    Tensor all = flat.reshape(batches, batches == 0 ? 0 : flat.size() / batches).add(first);
    Tensor rows = x.reshape(batches * product(named), product(rest));
    return rows.indexSelect(0, all.flatten()).reshape(joined(outer, rest));
  }

  private static int depth(String op, Tensor x, Tensor index, int batch) {
    boolean fits = index.rank() > batch && batch >= 0;
    if (!fits || index.dim(-1) > x.rank() - batch) {
      throw new IllegalArgumentException(
          op
              + ": index "
              + index.shape()
              + " names more axes than the tensor has after "
              + batch
              + ": "
              + x.shape());
    }
    return (int) index.dim(-1);
  }

  /** Combines rows of source [.., m, r] into rows of x [.., n, r] at places [.., m]. */
  private static Tensor combined(Tensor x, Tensor places, Tensor source, Combine combine) {
    long n = x.dim(-2);
    long m = source.dim(-2);
    if (m == 0 || x.size() == 0) {
      return x;
    }
    if (combine == Combine.ADD) {
      return x.roundedOnce(wide -> wide.add(summed(wide.shape(), places, source.as(wide.dtype()))));
    }
    Tensor hit = places.unsqueeze(-2).eq(x.range(n).unsqueeze(1));
    if (combine == Combine.REPLACE) {
      Tensor counts = Tensor.where(hit, x.range(m).add(1), places.zerosLike().unsqueeze(-2));
      Tensor last = counts.max(new int[] {-1}, false).unsqueeze(-1);
      Tensor written = source.gather(-2, last.sub(1).maximum(0));
      return Tensor.where(last.gt(0), written, x);
    }
    DType dtype = x.dtype();
    Tensor none = neutral(combine, dtype).to(x.device());
    Tensor terms = Tensor.where(hit.unsqueeze(-1), source.unsqueeze(-3), none);
    int[] along = {-2};
    return switch (combine) {
      case MUL -> x.mul(terms.prod(along, false).cast(dtype));
      case MAX -> x.maximum(terms.max(along, false));
      case MIN -> x.minimum(terms.min(along, false));
      case REPLACE, ADD -> throw new AssertionError(combine);
    };
  }

  /** Returns the value that changes nothing; the extreme ones are those of an empty reduction. */
  private static Tensor neutral(Combine combine, DType dtype) {
    Tensor empty = Tensor.zeros(dtype, 0);
    return combine == Combine.MUL ? empty.prod().cast(dtype) : extreme(combine, empty);
  }

  private static Tensor extreme(Combine combine, Tensor empty) {
    return combine == Combine.MAX ? empty.max() : empty.min();
  }

  private static Tensor summed(Shape shape, Tensor places, Tensor source) {
    int axis = shape.rank() - 2;
    Tensor index = places.unsqueeze(-1).broadcastTo(source.shape().dims());
    Node node = index.node();
    return Autograd.record(
        "scatter",
        new Tensor(source.engine().scatterAdd("scatter", shape, source.node(), node, axis)),
        new Tensor[] {source},
        new Node[] {node},
        (i, g) -> g.gathered("scatter", axis, Tensor.of(node)));
  }

  /** Returns checked positions counted from the front. */
  private static Tensor places(String op, Tensor index, long n) {
    if (index.size() == 0) {
      return index.cast(DType.I64);
    }
    return index.range(n).gathered(op, 0, index.flatten()).reshape(index.shape().dims());
  }

  /** Checks indices that pick nothing, since another axis is empty, as if they did. */
  static void checkUnused(String op, Tensor index, long n) {
    places(op, index, n).close();
  }

  /** Returns positions [...] in row-major order over extents from tuples [..., depth]. */
  private static Tensor flatPlaces(String op, Tensor tuples, long... extents) {
    long[] dims = Arrays.copyOf(tuples.shape().dims(), tuples.rank() - 1);
    Tensor flat = Tensor.zeros(DType.I64, dims).to(tuples.device());
    long stride = 1;
    for (int i = extents.length - 1; i >= 0; i--) {
      Tensor at = tuples.index(Index.ellipsis(), Index.at(i));
      flat = flat.add(places(op, at, extents[i]).mul((double) stride));
      stride *= extents[i];
    }
    return flat;
  }

  private static void check(Tensor x, Tensor index, Tensor source) {
    checkIndex("scatter", index);
    if (source.dtype() != x.dtype()) {
      throw new IllegalArgumentException(
          "scatter: source and target differ in type: "
              + source.dtype()
              + " "
              + source.shape()
              + " and "
              + x.dtype()
              + " "
              + x.shape());
    }
  }

  private static void checkIndex(String op, Tensor index) {
    if (!index.dtype().isInteger()) {
      throw new IllegalArgumentException(
          op + ": index must be I32 or I64: " + index.dtype() + " " + index.shape());
    }
  }

  private static long product(long... extents) {
    long product = 1;
    for (long extent : extents) {
      product *= extent;
    }
    return product;
  }

  private static long[] joined(long[] first, long... second) {
    long[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
