package dev.quern.nn;

import dev.quern.Tensor;
import java.util.List;

/**
 * Root mean square normalization: {@code x / sqrt(mean(x^2) + epsilon) * weight} with the mean over
 * the last axes, those of the weight. Source: Zhang, Sennrich, "Root mean square layer
 * normalization" (2019).
 */
public final class RmsNorm implements Module {
  private final Tensor weight;
  private final double epsilon;

  /** Creates F32 normalization over axes of these extents, with epsilon 1e-5. */
  public RmsNorm(long... dims) {
    this(Tensor.ones(dims).realize(), 1e-5);
  }

  /**
   * Creates the normalization from a given weight, which it takes over as a parameter.
   *
   * @throws IllegalArgumentException if epsilon is negative
   */
  public RmsNorm(Tensor weight, double epsilon) {
    this.epsilon = Normalizations.checkEpsilon("rmsNorm", epsilon);
    this.weight = weight.requiresGrad(true);
  }

  /**
   * Returns the normalized input, of its shape.
   *
   * @throws IllegalArgumentException if the input does not end in the weight's axes
   */
  @Override
  public Tensor forward(Tensor input) {
    int[] axes = Normalizations.lastAxes("rmsNorm", input, weight);
    return Normalizations.rootMeanSquare(input, epsilon, axes).mul(weight);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight", weight, false));
  }
}
