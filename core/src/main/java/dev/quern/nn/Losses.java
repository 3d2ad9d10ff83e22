package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.List;

/** Cost functions: each returns a scalar, differentiable in its first argument. */
public final class Losses {
  private Losses() {}

  /**
   * Returns the squared-error cost {@code J = 1/(2m) * sum (f - y)^2} over m rows.
   *
   * @param predictions f, [m] or [m, k]
   * @param targets y, of the same shape: nothing is broadcast, since [m] against [m, 1] would
   *     silently compare each with each
   * @throws IllegalArgumentException if the shapes differ or there are no rows
   */
  public static Tensor squaredError(Tensor predictions, Tensor targets) {
    checkShapes("squaredError", predictions, targets);
    return predictions.sub(targets).square().sum().div(2.0 * predictions.dim(0));
  }

  /**
   * Returns the mean of {@code -y log p - (1 - y) log(1 - p)} with {@code p = sigmoid(z)}, computed
   * as {@code softplus(z) - y z} without overflow.
   *
   * @param logits z, of any shape
   * @param targets y in [0, 1], of the same shape and type
   * @throws IllegalArgumentException if the shapes differ or there are no rows
   */
  public static Tensor binaryCrossEntropyWithLogits(Tensor logits, Tensor targets) {
    checkShapes("binaryCrossEntropyWithLogits", logits, targets);
    return logits.softplus().sub(logits.mul(targets)).mean();
  }

  /**
   * Returns the mean over rows of {@code -log softmax(scores)[label]}.
   *
   * @param scores class scores [m, n]
   * @param labels the true classes, I32 or I64 [m], in [0, n)
   * @throws IllegalArgumentException if the shapes do not fit or there are no rows
   * @throws IndexOutOfBoundsException if a label is no class; on a GPU at the next synchronisation
   */
  public static Tensor crossEntropy(Tensor scores, Tensor labels) {
    if (scores.rank() != 2
        || labels.rank() != 1
        || labels.dim(0) != scores.dim(0)
        || scores.size() == 0
        || !labels.dtype().isInteger()) {
      throw new IllegalArgumentException(
          "crossEntropy: scores must be [m, n] and labels integers [m]: "
              + scores.shape()
              + " and "
              + labels.dtype()
              + " "
              + labels.shape());
    }
    // A negative index would count from the end; n is out of range and raises instead.
    Tensor past = labels.zerosLike().add((double) scores.dim(1));
    Tensor checked = Tensor.where(labels.lt(0), past, labels);
    return scores.logSumExp(1).sub(pick(scores, checked)).mean();
  }

  /**
   * Returns the L2 penalty {@code k * sum w^2} over all weights, to add to a loss.
   *
   * @throws IllegalArgumentException if there are no weights
   */
  public static Tensor l2(double k, List<Tensor> weights) {
    if (weights.isEmpty()) {
      throw new IllegalArgumentException("l2: no weights");
    }
    Tensor sum = null;
    for (Tensor weight : weights) {
      Tensor one = weight.square().sum();
      sum = sum == null ? one : sum.add(one);
    }
    return java.util.Objects.requireNonNull(sum).mul(k);
  }

  private static Tensor pick(Tensor scores, Tensor labels) {
    try {
      return scores.gather(1, labels.unsqueeze(1)).squeeze(1);
    } catch (IndexOutOfBoundsException e) {
      IndexOutOfBoundsException named =
          new IndexOutOfBoundsException(
              "crossEntropy: a label is not in [0, " + scores.dim(1) + ") for " + scores.shape());
      named.initCause(e);
      throw named;
    }
  }

  private static void checkShapes(String op, Tensor first, Tensor targets) {
    if (!first.shape().equals(targets.shape())) {
      throw new IllegalArgumentException(
          op + ": shapes differ: " + first.shape() + " and targets " + targets.shape());
    }
    if (first.rank() == 0 || first.size() == 0) {
      throw new IllegalArgumentException(op + ": no rows: " + first.shape());
    }
    if (targets.dtype() == DType.BOOL) {
      throw new IllegalArgumentException(op + ": targets are BOOL; cast them first");
    }
  }
}
