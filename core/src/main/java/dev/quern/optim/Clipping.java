package dev.quern.optim;

import dev.quern.Scope;
import dev.quern.Tensor;
import java.util.List;
import java.util.Optional;

/** Limits gradients between {@code backward} and {@code step}. */
public final class Clipping {
  private Clipping() {}

  /**
   * Moves every element of every gradient into [-limit, limit].
   *
   * @throws IllegalArgumentException if the limit is not positive
   */
  public static void byValue(List<Tensor> parameters, double limit) {
    check(limit);
    Tensor.noGrad(
        () -> {
          Scope scope = Scope.open();
          try (scope) {
            gradients(parameters).forEach(g -> g.assign(g.clamp(-limit, limit)));
          }
        });
  }

  /**
   * Scales all gradients by one factor so that the Euclidean norm of all of them together is at
   * most the limit; a norm that is NaN changes nothing. Source: Pascanu, Mikolov, Bengio, "On the
   * difficulty of training recurrent neural networks" (2013).
   *
   * @return the norm before, a scalar
   * @throws IllegalArgumentException if the limit is not positive or there is no gradient
   */
  public static Tensor byNorm(List<Tensor> parameters, double limit) {
    check(limit);
    List<Tensor> gradients = gradients(parameters);
    if (gradients.isEmpty()) {
      throw new IllegalArgumentException("clipping: no parameter has a gradient");
    }
    return Tensor.noGrad(
        () -> {
          Scope scope = Scope.open();
          try (scope) {
            Tensor squares = sumSquare(gradients.get(0));
            for (Tensor gradient : gradients.subList(1, gradients.size())) {
              squares = squares.add(sumSquare(gradient));
            }
            Tensor norm = squares.sqrt().realize();
            Tensor factor =
                Tensor.where(norm.gt(limit), norm.reciprocal().mul(limit), norm.onesLike());
            factor.realize();
            gradients.forEach(g -> g.assign(g.mul(factor).cast(g.dtype())));
            return scope.keep(norm);
          }
        });
  }

  // In F32 for gradients of 16 bits, whose squares may be beyond their type.
  private static Tensor sumSquare(Tensor gradient) {
    return gradient.cast(gradient.dtype().computeType()).sumSquare();
  }

  private static List<Tensor> gradients(List<Tensor> parameters) {
    return parameters.stream().map(Tensor::grad).flatMap(Optional::stream).toList();
  }

  private static void check(double limit) {
    if (!(limit > 0)) {
      throw new IllegalArgumentException("clipping: limit must be positive: " + limit);
    }
  }
}
