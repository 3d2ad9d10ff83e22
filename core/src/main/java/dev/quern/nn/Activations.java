package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;

/**
 * Activation functions composed from {@link Tensor}'s, beside those that {@link Tensor} has itself.
 * All keep the shape, return F32 for integers, keep NaN, and have gradients without NaN wherever
 * the operand is a number, infinities included.
 */
public final class Activations {
  private static final double OPEN = Double.POSITIVE_INFINITY;

  private Activations() {}

  /**
   * Returns {@code x} where positive, else {@code alpha * (e^(x / alpha) - 1)}, which is smooth for
   * every alpha. Source: Barron, "Continuously differentiable exponential linear units" (2017).
   *
   * @throws IllegalArgumentException if alpha is 0 or not finite
   */
  public static Tensor celu(Tensor x, double alpha) {
    if (alpha == 0 || !Double.isFinite(alpha)) {
      throw new IllegalArgumentException("celu: alpha must be finite and not 0: " + alpha);
    }
    Tensor z = floating(x);
    // The clamp keeps e^z finite where the other branch is taken, or its gradient would be NaN.
    Tensor negative = z.clamp(-OPEN, 0).div(alpha).expm1().mul(alpha);
    return Tensor.where(z.gt(0), z, negative);
  }

  /** Returns {@code min(max(x / 6 + 1/2, 0), 1)}, a sigmoid of three straight lines. */
  public static Tensor hardSigmoid(Tensor x) {
    return hardSigmoid(x, 1.0 / 6, 0.5);
  }

  /** Returns {@code min(max(slope * x + offset, 0), 1)}; the gradient passes between 0 and 1. */
  public static Tensor hardSigmoid(Tensor x, double slope, double offset) {
    return floating(x).mul(slope).add(offset).clamp(0, 1);
  }

  /**
   * Returns {@code x * min(max(x / 6 + 1/2, 0), 1)}. Source: Howard et al., "Searching for
   * MobileNetV3" (2019).
   */
  public static Tensor hardSwish(Tensor x) {
    Tensor z = floating(x);
    // Below -3 the other factor is 0; without the clamp -infinity * 0 would be NaN.
    return z.clamp(-3, OPEN).mul(hardSigmoid(z));
  }

  /**
   * Returns {@code x * tanh(log(1 + e^x))}. Source: Misra, "Mish: a self regularized non-monotonic
   * activation function" (2019).
   */
  public static Tensor mish(Tensor x) {
    // Outside [-1000, 40] the second factor is exactly 0 or 1, in F64 too.
    Tensor z = floating(x).clamp(-1000, OPEN);
    return z.mul(z.clamp(-1000, 40).softplus().tanh());
  }

  /**
   * Returns 0 where {@code |x| <= threshold}, else x moved towards 0 by {@code bias}: hard
   * shrinkage for a bias of 0, soft shrinkage for a bias equal to the threshold. Source: Donoho,
   * Johnstone, "Ideal spatial adaptation by wavelet shrinkage" (1994).
   *
   * @throws IllegalArgumentException if the threshold is negative or NaN
   */
  public static Tensor shrink(Tensor x, double threshold, double bias) {
    if (!(threshold >= 0)) {
      throw new IllegalArgumentException("shrink: threshold must not be negative: " + threshold);
    }
    Tensor z = floating(x);
    return Tensor.where(z.abs().le(threshold), z.zerosLike(), z.sub(z.sign().mul(bias)));
  }

  /**
   * Returns {@code x / (1 + |x|)}. Source: Turian, Bergstra, Bengio, "Quadratic features and deep
   * architectures for chunking" (2009).
   */
  public static Tensor softsign(Tensor x) {
    // From there on the result is exactly 1 or -1; without the clamp infinities would give NaN.
    Tensor z = floating(x).clamp(-1e30, 1e30);
    return z.div(z.abs().add(1));
  }

  /**
   * Returns {@code x * sigmoid(beta * x)}. Source: Ramachandran, Zoph, Le, "Searching for
   * activation functions" (2017).
   *
   * @throws IllegalArgumentException if beta is not finite
   */
  public static Tensor swish(Tensor x, double beta) {
    if (!Double.isFinite(beta)) {
      throw new IllegalArgumentException("swish: beta must be finite: " + beta);
    }
    // Beyond the limit the second factor is exactly 0 or 1, in F64 too.
    double limit = 1000 / Math.abs(beta);
    Tensor z = beta < 0 ? floating(x).clamp(-OPEN, limit) : floating(x).clamp(-limit, OPEN);
    return z.mul(z.clamp(-limit, limit).mul(beta).sigmoid());
  }

  /** Returns {@code x} where it exceeds the threshold, else 0. */
  public static Tensor thresholdedRelu(Tensor x, double threshold) {
    Tensor z = floating(x);
    return Tensor.where(z.le(threshold), z.zerosLike(), z);
  }

  /**
   * Returns {@code x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3)))}, the approximation of
   * {@link Tensor#gelu} within 5e-4. Source: Hendrycks, Gimpel, "Gaussian error linear units"
   * (2016).
   */
  public static Tensor geluTanh(Tensor x) {
    // Outside [-10, 10] the hyperbolic tangent is exactly -1 or 1, in F64 too.
    Tensor z = floating(x).clamp(-10, OPEN);
    Tensor inner = z.clamp(-10, 10);
    Tensor cubic = inner.mul(inner.square().mul(0.044715).add(1)).mul(Math.sqrt(2 / Math.PI));
    return z.mul(0.5).mul(cubic.tanh().add(1));
  }

  /** Returns 1 at the first greatest element along an axis and 0 elsewhere; it has no gradient. */
  public static Tensor hardmax(Tensor x, int axis) {
    Tensor z = floating(x);
    int at = z.shape().axis("hardmax", axis);
    int[] order = new int[z.rank()];
    for (int i = 0; i < order.length; i++) {
      order[i] = i == at ? order.length - 1 : i < at ? i : i - 1;
    }
    return z.argmax(at).oneHot(z.dim(at), z.dtype()).permute(order);
  }

  private static Tensor floating(Tensor x) {
    return x.dtype().isFloat() ? x : x.cast(DType.F32);
  }
}
