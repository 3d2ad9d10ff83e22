package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.DType;
import dev.quern.Index;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Family indexing. What writes to positions is composed from a comparison of every position with
 * every target, which suits small cases only.
 */
final class IndexingOperators {
  private static final long MAX_PAIRS = 1 << 24;

  private IndexingOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Gather", Operator.of(c -> c.in(0).indexSelect(c.axis("axis", 0), c.in(1)))),
        entry("GatherElements", Operator.of(IndexingOperators::gatherElements)),
        entry("GatherND", Operator.of(IndexingOperators::gatherNd)),
        entry("OneHot", Operator.of(IndexingOperators::oneHot)),
        entry("ScatterElements", Operator.of(IndexingOperators::scatterElements)),
        entry("ScatterND", Operator.of(IndexingOperators::scatterNd)),
        entry("TopK", IndexingOperators::topK));
  }

  private static Tensor gatherElements(OperatorCall call) {
    Tensor index = call.in(1);
    int axis = call.in(0).shape().axis("gather", call.axis("axis", 0));
    Tensor data = call.in(0);
    // The index may cover less of the other axes than there is.
    for (int i = 0; i < data.rank() && data.rank() == index.rank(); i++) {
      data = i == axis ? data : data.slice(i, 0, index.dim(i));
    }
    return data.gather(axis, index);
  }

  private static Tensor gatherNd(OperatorCall call) {
    Tensor data = call.in(0);
    int batch = Math.toIntExact(call.integer("batch_dims", 0));
    Tensor index = call.in(1);
    int depth = Math.toIntExact(index.dim(-1));
    long[] dims = data.shape().dims();
    long[] named = Arrays.copyOfRange(dims, batch, batch + depth);
    long[] rest = Arrays.copyOfRange(dims, batch + depth, dims.length);
    long[] batches = Arrays.copyOf(dims, batch);
    long perBatch = product(named);
    Tensor flat = flatPositions(index, named);
    long[] batchShape = new long[flat.rank()];
    Arrays.fill(batchShape, 1);
    System.arraycopy(batches, 0, batchShape, 0, batch);
    Tensor first = Tensor.arange(product(batches)).mul((double) perBatch).reshape(batchShape);
    Tensor rows = data.reshape(product(batches) * perBatch, product(rest));
    Tensor picked = rows.indexSelect(0, flat.add(first).flatten());
    return picked.reshape(joined(flat.shape().dims(), rest));
  }

  private static Tensor oneHot(OperatorCall call) {
    long depth = call.single(1);
    int rank = call.in(0).rank();
    int axis = call.axis("axis", -1);
    Tensor index = call.in(0).cast(DType.I64);
    Tensor hot = counted(index, depth).oneHot(depth, DType.BOOL);
    Tensor off = call.in(2).get(0);
    Tensor on = call.in(2).get(1);
    int position = axis < 0 ? axis + rank + 1 : axis;
    return Tensor.where(LayoutOperators.lastAxisTo(hot, position), on, off);
  }

  private static Tensor scatterElements(OperatorCall call) {
    Tensor data = call.in(0);
    Tensor index = call.in(1).cast(DType.I64);
    int axis = data.shape().axis("scatter", call.axis("axis", 0));
    Tensor flat = Tensor.zeros(DType.I64);
    long stride = 1;
    for (int i = data.rank() - 1; i >= 0; i--) {
      long[] dims = new long[data.rank()];
      Arrays.fill(dims, 1);
      dims[i] = index.dim(i);
      Tensor at =
          i == axis ? counted(index, data.dim(i)) : Tensor.arange(index.dim(i)).reshape(dims);
      flat = flat.add(at.mul((double) stride));
      stride *= data.dim(i);
    }
    Tensor out = scatter(call, data.reshape(-1, 1), flat.flatten(), call.in(2).reshape(-1, 1));
    return out.reshape(data.shape().dims());
  }

  private static Tensor scatterNd(OperatorCall call) {
    Tensor data = call.in(0);
    int depth = Math.toIntExact(call.in(1).dim(-1));
    long[] named = Arrays.copyOf(data.shape().dims(), depth);
    long rest = product(Arrays.copyOfRange(data.shape().dims(), depth, data.rank()));
    Tensor flat = flatPositions(call.in(1), named).flatten();
    Tensor rows = data.reshape(product(named), rest);
    Tensor out = scatter(call, rows, flat, call.in(2).reshape(flat.size(), rest));
    return out.reshape(data.shape().dims());
  }

  /** Writes rows of updates [m, k] to rows of data [n, k]; targets [m] must not repeat for none. */
  private static Tensor scatter(OperatorCall call, Tensor data, Tensor targets, Tensor updates) {
    long rows = data.dim(0);
    if (rows * targets.size() * Math.max(1, data.dim(1)) > MAX_PAIRS) {
      throw call.unsupported("data of " + rows + " rows and " + targets.size() + " updates");
    }
    Tensor hit = targets.eq(Tensor.arange(rows).unsqueeze(1)).unsqueeze(-1);
    String reduction = call.text("reduction", "none");
    Tensor neutral =
        switch (reduction) {
          case "none", "add" -> updates.zerosLike();
          case "mul" -> updates.onesLike();
          case "max" -> least(updates);
          case "min" -> greatest(updates);
          default -> throw call.unsupported("reduction " + reduction);
        };
    Tensor terms = Tensor.where(hit, updates, neutral);
    DType dtype = data.dtype();
    return switch (reduction) {
      case "add" -> data.add(terms.sum(1).cast(dtype));
      case "mul" -> data.mul(terms.prod(1).cast(dtype));
      case "max" -> data.maximum(terms.max(1));
      case "min" -> data.minimum(terms.min(1));
      default -> Tensor.where(hit.any(1), terms.sum(1).cast(dtype), data);
    };
  }

  /** Returns the type's least value: the greatest element of nothing. */
  private static Tensor least(Tensor like) {
    return Tensor.zeros(like.dtype(), 0).max();
  }

  private static Tensor greatest(Tensor like) {
    return Tensor.zeros(like.dtype(), 0).min();
  }

  /** Returns values and positions; of equal elements the first comes first. */
  private static List<Tensor> topK(OperatorCall call) {
    int axis = call.axis("axis", -1);
    long k = call.has(1) ? call.single(1) : call.integer("k");
    boolean largest = call.flag("largest", true);
    // Any order is right where none is asked for.
    call.ignore("sorted");
    Tensor x = call.in(0).transpose(axis, -1);
    long n = x.dim(-1);
    if (k < 0 || k > n) {
      throw new IllegalArgumentException("topK: k = " + k + " of " + n + " elements");
    }
    Tensor own = x.unsqueeze(-1);
    Tensor other = x.unsqueeze(-2);
    Tensor positions = Tensor.arange(n);
    Tensor ahead = largest ? other.gt(own) : other.lt(own);
    Tensor tied = other.eq(own).and(positions.lt(positions.unsqueeze(1)));
    Tensor rank = ahead.or(tied).sum(-1);
    Tensor hit = rank.unsqueeze(-2).eq(Tensor.arange(k).unsqueeze(1));
    Tensor at = Tensor.where(hit, positions, positions.zerosLike()).sum(-1);
    return List.of(x.gather(-1, at).transpose(axis, -1), at.transpose(axis, -1));
  }

  /** Returns positions [...] in row-major order over extents from tuples [..., depth]. */
  private static Tensor flatPositions(Tensor tuples, long... extents) {
    long[] dims = Arrays.copyOf(tuples.shape().dims(), tuples.rank() - 1);
    Tensor flat = Tensor.zeros(DType.I64, dims);
    long stride = 1;
    for (int i = extents.length - 1; i >= 0; i--) {
      Tensor at = tuples.index(Index.ellipsis(), Index.at(i)).cast(DType.I64);
      flat = flat.add(counted(at, extents[i]).mul((double) stride));
      stride *= extents[i];
    }
    return flat;
  }

  /** Returns positions counted from the front; negative ones count from the end of n. */
  private static Tensor counted(Tensor positions, long n) {
    return Tensor.where(positions.lt(0), positions.add((double) n), positions);
  }

  private static long product(long... extents) {
    return Arrays.stream(extents).reduce(1, Math::multiplyExact);
  }

  private static long[] joined(long[] first, long... second) {
    long[] out = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, out, first.length, second.length);
    return out;
  }
}
