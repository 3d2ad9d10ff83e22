package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Combine;
import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.TopK;
import java.util.List;
import java.util.Map;

/** Family indexing. */
final class IndexingOperators {
  private IndexingOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("Gather", Operator.of(c -> c.in(0).indexSelect(c.axis("axis", 0), c.in(1)))),
        entry("GatherElements", Operator.of(IndexingOperators::gatherElements)),
        entry("GatherND", Operator.of(c -> c.in(0).gatherNd(c.in(1), c.axis("batch_dims", 0)))),
        entry("OneHot", Operator.of(IndexingOperators::oneHot)),
        entry("ScatterElements", Operator.of(IndexingOperators::scatterElements)),
        entry("ScatterND", Operator.of(c -> c.in(0).scatterNd(c.in(1), c.in(2), combine(c)))),
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

  private static Tensor oneHot(OperatorCall call) {
    long depth = call.single(1);
    Tensor index = call.in(0).cast(DType.I64);
    // Negative positions count from the end.
    Tensor counted = Tensor.where(index.lt(0), index.add((double) depth), index);
    Tensor hot = counted.oneHot(depth, DType.BOOL).moveAxis(-1, call.axis("axis", -1));
    Tensor off = call.in(2).get(0);
    Tensor on = call.in(2).get(1);
    return Tensor.where(hot, on, off);
  }

  private static Tensor scatterElements(OperatorCall call) {
    return call.in(0).scatter(call.axis("axis", 0), call.in(1), call.in(2), combine(call));
  }

  private static Combine combine(OperatorCall call) {
    String reduction = call.text("reduction", "none");
    return switch (reduction) {
      case "none" -> Combine.REPLACE;
      case "add" -> Combine.ADD;
      case "mul" -> Combine.MUL;
      case "max" -> Combine.MAX;
      case "min" -> Combine.MIN;
      default -> throw call.unsupported("reduction " + reduction);
    };
  }

  private static List<Tensor> topK(OperatorCall call) {
    long k = call.has(1) ? call.single(1) : call.integer("k");
    // Any order is right where none is asked for.
    call.ignore("sorted");
    TopK top = call.in(0).topK(k, call.axis("axis", -1), call.flag("largest", true));
    return List.of(top.values(), top.indices());
  }
}
