package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;

/**
 * Activation functions beyond those that are methods of {@link Tensor}. All are compositions: they
 * are differentiable, fuse into one pass, and take integers as F32.
 */
public final class Activations {
  private Activations() {}

  /**
   * Returns {@code max(0, x) + min(0, alpha * (e^(x / alpha) - 1))}. Source: Barron, "Continuously
   * differentiable exponential linear units" (2017).
   *
   * @throws IllegalArgumentException if alpha is 0 or not finite
   */
  public static Tensor celu(Tensor x, double alpha) {
    if (alpha == 0 || !Double.isFinite(alpha)) {
      throw new IllegalArgumentException("celu: alpha must be finite and not 0: " + alpha);
    }
    Tensor v = floating(x);
    Tensor negative = v.clamp(Double.NEGATIVE_INFINITY, 0).div(alpha).expm1().mul(alpha);
    return Tensor.where(v.gt(0), v, negative);
  }

  /** Returns {@code max(0, min(1, alpha * x + beta))}. */
  public static Tensor hardSigmoid(Tensor x, double alpha, double beta) {
    return floating(x).mul(alpha).add(beta).clamp(0, 1);
  }

  /**
   * Returns {@code x * max(0, min(1, x / 6 + 1/2))}. Source: Howard et al., "Searching for
   * MobileNetV3" (2019).
   */
  public static Tensor hardSwish(Tensor x) {
    Tensor v = floating(x);
    return v.mul(hardSigmoid(v, 1.0 / 6, 0.5));
  }

  /**
   * Returns {@code x * tanh(softplus(x))}. Source: Misra, "Mish: a self regularized non-monotonic
   * activation function" (2019).
   */
  public static Tensor mish(Tensor x) {
    Tensor v = floating(x);
    return v.mul(v.softplus().tanh());
  }

  /** Returns {@code x + bias} below -lambda, {@code x - bias} above lambda, and 0 between. */
  public static Tensor shrink(Tensor x, double lambda, double bias) {
    Tensor v = floating(x);
    Tensor low = Tensor.where(v.lt(-lambda), v.add(bias), v.zerosLike());
    return Tensor.where(v.gt(lambda), v.sub(bias), low);
  }

  /** Returns {@code x / (1 + |x|)}. */
  public static Tensor softsign(Tensor x) {
    Tensor v = floating(x);
    return v.div(v.abs().add(1));
  }

  /** Returns {@code x * sigmoid(alpha * x)}; for alpha 1 this is {@link Tensor#silu}. */
  public static Tensor swish(Tensor x, double alpha) {
    Tensor v = floating(x);
    return v.mul(v.mul(alpha).sigmoid());
  }

  /** Returns {@code x} above alpha, else 0. */
  public static Tensor thresholdedRelu(Tensor x, double alpha) {
    Tensor v = floating(x);
    return Tensor.where(v.gt(alpha), v, v.zerosLike());
  }

  /**
   * Returns the approximation {@code x/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))} of {@link
   * Tensor#gelu}. Source: Hendrycks, Gimpel, "Gaussian error linear units" (2016).
   */
  public static Tensor geluTanh(Tensor x) {
    Tensor v = floating(x);
    Tensor inner = v.mul(v.square()).mul(0.044715).add(v).mul(Math.sqrt(2 / Math.PI));
    return v.mul(0.5).mul(inner.tanh().add(1));
  }

  /** Returns 1 at the first greatest element along an axis and 0 elsewhere. */
  public static Tensor hardmax(Tensor x, int axis) {
    Tensor v = floating(x);
    int rank = v.rank();
    Tensor hot = v.argmax(axis).oneHot(v.dim(axis), v.dtype());
    int a = v.shape().axis("hardmax", axis);
    int[] order = new int[rank];
    for (int i = 0; i < rank; i++) {
      order[i] = i == a ? rank - 1 : i < a ? i : i - 1;
    }
    return hot.permute(order);
  }

  private static Tensor floating(Tensor x) {
    return x.dtype().isFloat() ? x : x.cast(DType.F32);
  }
}
