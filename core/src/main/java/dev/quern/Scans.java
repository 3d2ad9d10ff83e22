package dev.quern;

import dev.quern.internal.Node;
import dev.quern.spi.Reduction;

/** Running sums and products, and their gradients. */
final class Scans {
  private Scans() {}

  static Tensor cumsum(Tensor x, int axis, boolean exclusive, boolean reverse) {
    Tensor terms = widened(x);
    int a = terms.shape().axis("cumsum", axis);
    return Autograd.record(
        "cumsum",
        scan(Reduction.SUM, terms, a, exclusive, reverse),
        new Tensor[] {terms},
        new Node[0],
        (i, g) -> g.cumsum(a, exclusive, !reverse));
  }

  static Tensor cumprod(Tensor x, int axis, boolean exclusive, boolean reverse) {
    Tensor factors = widened(x);
    int a = factors.shape().axis("cumprod", axis);
    Tensor out = scan(Reduction.PROD, factors, a, exclusive, reverse);
    Node input = factors.node();
    Node result = out.node();
    return Autograd.record(
        "cumprod",
        out,
        new Tensor[] {factors},
        new Node[] {input, result},
        (i, g) -> gradient(g, Tensor.of(input), Tensor.of(result), a, exclusive, reverse));
  }

  /**
   * Before the row's first zero element j has the gradient sum over i of g[i] y[i] / x[j]; the zero
   * itself the same sum with 1 in its place, which a further zero ends; and what follows it, none.
   */
  private static Tensor gradient(
      Tensor g, Tensor x, Tensor y, int axis, boolean exclusive, boolean reverse) {
    Tensor zero = x.eq(0);
    Tensor zeros = zero.cumsum(axis, false, reverse);
    Tensor first = zero.and(zeros.eq(1));
    Tensor without = Tensor.where(first, x.onesLike(), x);
    Tensor rest = without.cumprod(axis, exclusive, reverse);
    Tensor ofZero = g.mul(rest).cumsum(axis, exclusive, !reverse);
    Tensor divisor = Tensor.where(zero, x.onesLike(), x);
    Tensor ofOthers = g.mul(y).cumsum(axis, exclusive, !reverse).div(divisor);
    Tensor after = Tensor.where(first, ofZero, x.zerosLike());
    return Tensor.where(zeros.eq(0), ofOthers, after);
  }

  private static Tensor widened(Tensor x) {
    return x.dtype().isFloat() ? x : x.as(DType.I64);
  }

  private static Tensor scan(
      Reduction reduction, Tensor x, int axis, boolean exclusive, boolean reverse) {
    return new Tensor(x.engine().scan(reduction, x.node(), axis, exclusive, reverse));
  }
}
