package dev.quern.nn;

import dev.quern.Tensor;
import java.util.List;

/**
 * Layer normalization: {@code (x - mean) / sqrt(var + epsilon) * weight + bias} with the mean and
 * the population's variance over the last axes, those of the weight. Source: Ba, Kiros, Hinton,
 * "Layer normalization" (2016).
 */
public final class LayerNorm implements Module {
  private final Tensor weight;
  private final Tensor bias;
  private final double epsilon;

  /** Creates F32 layer normalization over axes of these extents, with epsilon 1e-5. */
  public LayerNorm(long... dims) {
    this(Tensor.ones(dims).realize(), Tensor.zeros(dims).realize(), 1e-5);
  }

  /**
   * Creates layer normalization from given values, which it takes over as parameters.
   *
   * @throws IllegalArgumentException if the shapes differ or epsilon is negative
   */
  public LayerNorm(Tensor weight, Tensor bias, double epsilon) {
    Normalizations.checkSame("layerNorm", weight, bias);
    this.epsilon = Normalizations.checkEpsilon("layerNorm", epsilon);
    this.weight = weight.requiresGrad(true);
    this.bias = bias.requiresGrad(true);
  }

  /**
   * Returns the normalized input, of its shape.
   *
   * @throws IllegalArgumentException if the input does not end in the weight's axes
   */
  @Override
  public Tensor forward(Tensor input) {
    int[] axes = Normalizations.lastAxes("layerNorm", input, weight);
    return Normalizations.standardize(input, epsilon, axes).mul(weight).add(bias);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight", weight, false), new Parameter("bias", bias, false));
  }
}
