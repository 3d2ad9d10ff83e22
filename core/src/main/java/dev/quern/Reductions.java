package dev.quern;

import dev.quern.internal.Node;
import dev.quern.spi.Reduction;

/** The gradients of reductions. */
final class Reductions {
  private Reductions() {}

  /**
   * Records the gradient of a reduction.
   *
   * @param kept the result with the reduced axes as ones
   * @param out the result as the user sees it
   */
  static void record(String op, Reduction reduction, Tensor x, Tensor kept, Tensor out) {
    long[] keptDims = kept.shape().dims();
    Node input = x.node();
    Node result = kept.node();
    Node[] saved = reduction == Reduction.SUM ? new Node[0] : new Node[] {input, result};
    Shape shape = x.shape();
    Autograd.record(
        op,
        out,
        new Tensor[] {x},
        saved,
        (i, g) -> {
          Tensor gradient = g.reshape(keptDims);
          if (reduction == Reduction.SUM) {
            return gradient.broadcastTo(shape);
          }
          return rule(reduction, gradient, Tensor.of(input), Tensor.of(result));
        });
  }

  private static Tensor rule(Reduction reduction, Tensor g, Tensor x, Tensor y) {
    return switch (reduction) {
      case SUM -> g;
      case MAX, MIN -> {
        Tensor best = x.eq(y).cast(x.dtype());
        int[] axes = reducedAxes(x.shape(), y.shape());
        yield best.mul(g.div(axes.length == 0 ? best : best.sum(axes, true)));
      }
      case LOG_SUM_EXP -> x.sub(y).exp().mul(g);
      case PROD -> {
        // With one zero only that element has a gradient, the product of the others; with two,
        // none.
        int[] axes = reducedAxes(x.shape(), y.shape());
        Tensor zero = x.eq(0);
        Tensor rest = Tensor.where(zero, x.onesLike(), x);
        Tensor product = axes.length == 0 ? rest : rest.prod(axes, true);
        Tensor zeros = zero.cast(x.dtype());
        Tensor count = axes.length == 0 ? zeros : zeros.sum(axes, true);
        Tensor none = Tensor.where(count.eq(0), product.div(rest), x.zerosLike());
        Tensor one = Tensor.where(count.eq(1).and(zero), product, none);
        yield one.mul(g);
      }
    };
  }

  static Tensor norm(Tensor x, double p, int[] axes, boolean keepDims) {
    if (!(p >= 1)) {
      throw new IllegalArgumentException("norm: p must be at least 1: " + p + " for " + x.shape());
    }
    if (p == 1) {
      return x.abs().sum(axes, keepDims);
    }
    if (Double.isInfinite(p)) {
      return x.abs().max(axes, keepDims);
    }
    Tensor sum = (p == 2 ? x.square() : x.abs().pow(p)).sum(axes, keepDims);
    // The root has no gradient at 0; one is put there and taken away again
    Tensor zero = sum.eq(0);
    Tensor safe = Tensor.where(zero, sum.onesLike(), sum);
    Tensor root = p == 2 ? safe.sqrt() : safe.pow(1 / p);
    return Tensor.where(zero, sum.zerosLike(), root);
  }

  private static int[] reducedAxes(Shape from, Shape kept) {
    int[] axes = new int[from.rank()];
    int n = 0;
    for (int i = 0; i < axes.length; i++) {
      if (from.dim(i) != kept.dim(i)) {
        axes[n++] = i;
      }
    }
    return java.util.Arrays.copyOf(axes, n);
  }
}
