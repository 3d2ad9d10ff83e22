package dev.quern.nn;

import dev.quern.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The negative log-likelihood of the true classes, {@code -weight[label] * log p[label]} for each
 * example, with class weights, a label to be ignored and a choice of reduction. Immutable: each
 * {@code with} returns another.
 *
 * <pre>{@code
 * Tensor loss = new CrossEntropyLoss().withIgnored(-1).ofScores(scores, labels);
 * }</pre>
 *
 * <p>Without any option {@code ofScores} is {@link Losses#crossEntropy}, for any number of axes.
 */
public final class CrossEntropyLoss {
  private final @Nullable Tensor weights;
  private final @Nullable Long ignored;
  private final LossReduction reduction;

  /** Creates the mean over all examples, all classes weighing 1. */
  public CrossEntropyLoss() {
    this(null, null, LossReduction.MEAN);
  }

  private CrossEntropyLoss(
      @Nullable Tensor weights, @Nullable Long ignored, LossReduction reduction) {
    this.weights = weights;
    this.ignored = ignored;
    this.reduction = reduction;
  }

  /**
   * Returns the loss with a weight for each class.
   *
   * @throws IllegalArgumentException if the weights are no vector
   */
  public CrossEntropyLoss withWeights(Tensor classWeights) {
    if (classWeights.rank() != 1) {
      throw new IllegalArgumentException(
          "crossEntropy: weights must be [classes]: " + classWeights.shape());
    }
    return new CrossEntropyLoss(classWeights, ignored, reduction);
  }

  /** Returns the loss in which examples of one label, which may be no class, weigh nothing. */
  public CrossEntropyLoss withIgnored(long label) {
    return new CrossEntropyLoss(weights, label, reduction);
  }

  /** Returns the loss with another reduction. */
  public CrossEntropyLoss withReduction(LossReduction other) {
    return new CrossEntropyLoss(weights, ignored, other);
  }

  /**
   * Returns the loss of class scores, whose softmax is p.
   *
   * @param scores [m, classes, ..]
   * @param labels I32 or I64 [m, ..], in [0, classes)
   * @return a scalar, or [m, ..] without a reduction; NaN for a mean over no weight at all
   * @throws IllegalArgumentException if the shapes do not fit
   * @throws IndexOutOfBoundsException if a label is no class and not ignored; on a GPU at the next
   *     synchronisation
   */
  public Tensor ofScores(Tensor scores, Tensor labels) {
    check(scores, labels);
    Tensor classes = classes(labels, scores.dim(1));
    Tensor losses = scores.logSumExp(1).sub(pick(scores, classes));
    return reduced(losses, labels, classes);
  }

  /** Returns the loss of log-probabilities; see {@link #ofScores}. */
  public Tensor ofLogProbabilities(Tensor logs, Tensor labels) {
    check(logs, labels);
    Tensor classes = classes(labels, logs.dim(1));
    return reduced(pick(logs, classes).neg(), labels, classes);
  }

  private Tensor reduced(Tensor losses, Tensor labels, Tensor classes) {
    Tensor factors = losses.onesLike();
    if (weights != null) {
      factors = weights.indexSelect(0, classes);
    }
    Tensor weighed = losses.mul(factors);
    if (ignored != null) {
      // Not by a factor of 0: what is ignored may be infinite
      Tensor counted = labels.ne((double) ignored);
      factors = Tensor.where(counted, factors, factors.zerosLike());
      weighed = Tensor.where(counted, weighed, weighed.zerosLike());
    }
    return switch (reduction) {
      case NONE -> weighed;
      case SUM -> weighed.sum();
      case MEAN -> weighed.sum().div(factors.sum());
    };
  }

  /** The labels, 0 for those ignored and an index out of range for those below 0. */
  private Tensor classes(Tensor labels, long n) {
    Tensor past = labels.zerosLike().add((double) n);
    Tensor checked = Tensor.where(labels.lt(0), past, labels);
    if (ignored == null) {
      return checked;
    }
    return Tensor.where(labels.ne((double) ignored), checked, labels.zerosLike());
  }

  private static Tensor pick(Tensor x, Tensor classes) {
    return x.gather(1, classes.unsqueeze(1)).squeeze(1);
  }

  private void check(Tensor x, Tensor labels) {
    boolean fits = x.rank() >= 2 && labels.rank() == x.rank() - 1 && labels.dtype().isInteger();
    for (int i = 0; fits && i < labels.rank(); i++) {
      fits = labels.dim(i) == x.dim(i == 0 ? 0 : i + 1);
    }
    if (!fits || x.dim(1) == 0) {
      throw new IllegalArgumentException(
          "crossEntropy: scores must be [m, classes, ..] and labels integers [m, ..]: "
              + x.shape()
              + " and "
              + labels.dtype()
              + " "
              + labels.shape());
    }
    if (weights != null && weights.dim(0) != x.dim(1)) {
      throw new IllegalArgumentException(
          "crossEntropy: " + weights.shape() + " weights for classes of " + x.shape());
    }
  }
}
