package dev.quern.trainer.verify;

import static dev.quern.trainer.verify.Operators.binary;
import static dev.quern.trainer.verify.Operators.one;

import dev.quern.Tensor;
import dev.quern.nn.Activations;
import java.util.Arrays;

/** Reductions, softmax, positions of extremes, and sums of products. */
final class ReduceOperators {
  private ReduceOperators() {}

  /** A reduction over axes. */
  @FunctionalInterface
  private interface Reducer {
    Tensor reduce(Tensor x, int[] axes, boolean keepDims);
  }

  static void register() {
    reduction("ReduceSum", Tensor::sum);
    reduction("ReduceMean", Tensor::mean);
    reduction("ReduceProd", Tensor::prod);
    reduction("ReduceMax", Tensor::max);
    reduction("ReduceMin", Tensor::min);
    reduction("ReduceLogSumExp", Tensor::logSumExp);
    reduction("ReduceL1", (x, axes, keep) -> x.abs().sum(axes, keep));
    reduction("ReduceL2", (x, axes, keep) -> x.square().sum(axes, keep).sqrt());
    reduction("ReduceLogSum", (x, axes, keep) -> x.sum(axes, keep).log());
    reduction("ReduceSumSquare", (x, axes, keep) -> x.square().sum(axes, keep));
    one("ArgMax", c -> position(c, true));
    one("ArgMin", c -> position(c, false));
    one("Softmax", c -> c.in(0).softmax(c.integer("axis", -1)));
    one("LogSoftmax", c -> c.in(0).logSoftmax(c.integer("axis", -1)));
    one("Hardmax", c -> Activations.hardmax(c.in(0), c.integer("axis", -1)));
    binary("MatMul", Tensor::matmul);
    one("Einsum", c -> Tensor.einsum(c.text("equation", ""), c.all().toArray(new Tensor[0])));
    one("Gemm", ReduceOperators::gemm);
  }

  private static void reduction(String name, Reducer reducer) {
    one(
        name,
        c -> {
          Tensor x = c.in(0);
          long[] given = c.longs(1);
          int[] axes =
              given == null
                  ? new int[0]
                  : Arrays.stream(given).mapToInt(Math::toIntExact).toArray();
          if (axes.length == 0 && c.flag("noop_with_empty_axes", false)) {
            return x;
          }
          return reducer.reduce(x, axes, c.flag("keepdims", true)).cast(x.dtype());
        });
  }

  private static Tensor position(Call c, boolean max) {
    int axis = c.integer("axis", 0);
    boolean keep = c.flag("keepdims", true);
    boolean last = c.flag("select_last_index", false);
    Tensor x = last ? c.in(0).flip(axis) : c.in(0);
    Tensor at = max ? x.argmax(axis, keep) : x.argmin(axis, keep);
    return last ? at.neg().add((double) x.dim(axis) - 1) : at;
  }

  private static Tensor gemm(Call c) {
    Tensor a = c.flag("transA", false) ? c.in(0).transpose() : c.in(0);
    Tensor b = c.flag("transB", false) ? c.in(1).transpose() : c.in(1);
    Tensor product = a.matmul(b).mul(c.number("alpha", 1));
    Tensor addend = c.optional(2);
    return addend == null ? product : product.add(addend.mul(c.number("beta", 1)));
  }
}
