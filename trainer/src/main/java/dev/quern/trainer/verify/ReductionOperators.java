package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Family reduction. */
final class ReductionOperators {
  /** A reduction over axes, over all if none are named. */
  private interface Reducer {
    Tensor apply(Tensor x, int[] axes, boolean keepDims);
  }

  private ReductionOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("ReduceL1", reduction(Tensor::abs, Tensor::sum, x -> x)),
        entry("ReduceL2", reduction(Tensor::square, Tensor::sum, Tensor::sqrt)),
        entry("ReduceLogSum", reduction(x -> x, Tensor::sum, Tensor::log)),
        entry("ReduceLogSumExp", reduction(x -> x, Tensor::logSumExp, x -> x)),
        entry("ReduceMax", reduction(x -> x, Tensor::max, x -> x)),
        entry("ReduceMean", reduction(x -> x, Tensor::mean, x -> x)),
        entry("ReduceMin", reduction(x -> x, Tensor::min, x -> x)),
        entry("ReduceProd", reduction(x -> x, Tensor::prod, x -> x)),
        entry("ReduceSum", reduction(x -> x, Tensor::sum, x -> x)),
        entry("ReduceSumSquare", reduction(Tensor::square, Tensor::sum, x -> x)));
  }

  /** The axes are an attribute in older operator sets, the second input in newer ones. */
  private static Operator reduction(
      UnaryOperator<Tensor> before, Reducer reducer, UnaryOperator<Tensor> after) {
    return Operator.of(
        call -> {
          Tensor x = before.apply(call.in(0));
          boolean keepDims = call.flag("keepdims", true);
          boolean allUnlessNamed = !call.flag("noop_with_empty_axes", false);
          long[] named = new long[0];
          if (call.has(1)) {
            named = call.longs(1);
          } else if (call.hasAttribute("axes")) {
            named = call.integers("axes");
          }
          int[] axes = Arrays.stream(named).mapToInt(Math::toIntExact).toArray();
          Tensor reduced = axes.length > 0 || allUnlessNamed ? reducer.apply(x, axes, keepDims) : x;
          return after.apply(reduced).cast(call.in(0).dtype());
        });
  }
}
