package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.Arrays;
import java.util.Map;

/** Family reduction. */
final class ReductionOperators {
  /** A reduction over axes, over all if none are named. */
  private interface Reducer {
    Tensor apply(Tensor x, int[] axes, boolean keepDims);
  }

  private ReductionOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("ReduceL1", reduction((x, axes, keep) -> x.norm(1, axes, keep))),
        entry("ReduceL2", reduction((x, axes, keep) -> x.norm(2, axes, keep))),
        entry("ReduceLogSum", reduction(Tensor::logSum)),
        entry("ReduceLogSumExp", reduction(Tensor::logSumExp)),
        entry("ReduceMax", reduction(Tensor::max)),
        entry("ReduceMean", reduction(Tensor::mean)),
        entry("ReduceMin", reduction(Tensor::min)),
        entry("ReduceProd", reduction(Tensor::prod)),
        entry("ReduceSum", reduction(Tensor::sum)),
        entry("ReduceSumSquare", reduction(Tensor::sumSquare)));
  }

  /** The axes are an attribute in older operator sets, the second input in newer ones. */
  private static Operator reduction(Reducer reducer) {
    return Operator.of(
        call -> {
          Tensor x = call.in(0);
          boolean keepDims = call.flag("keepdims", true);
          boolean allUnlessNamed = !call.flag("noop_with_empty_axes", false);
          long[] named = new long[0];
          if (call.has(1)) {
            named = call.longs(1);
          } else if (call.hasAttribute("axes")) {
            named = call.integers("axes");
          }
          int[] axes = Arrays.stream(named).mapToInt(Math::toIntExact).toArray();
          // No axis at all: each element is reduced by itself.
          Tensor reduced =
              axes.length > 0 || allUnlessNamed
                  ? reducer.apply(x, axes, keepDims)
                  : reducer.apply(x.unsqueeze(-1), new int[] {-1}, false);
          return reduced.cast(x.dtype());
        });
  }
}
