package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.List;

/** The affine map {@code x . W + b}: [m, in] to [m, out], with W [in, out] and b [out]. */
public final class Linear implements Module {
  private final Tensor weight;
  private final Tensor bias;

  /** Creates an F32 layer with He initialisation from the global generator and a bias of zeros. */
  public Linear(long in, long out) {
    this(in, out, Init.HE, Generator.global(), DType.F32);
  }

  /**
   * Creates a layer with a bias of zeros.
   *
   * @throws IllegalArgumentException if an extent is below 1 or the type is not floating
   */
  public Linear(long in, long out, Init init, Generator generator, DType dtype) {
    if (in < 1 || out < 1) {
      throw new IllegalArgumentException("linear: extents must be positive: " + in + ", " + out);
    }
    this.weight = init.create(generator, dtype, in, out).realize().requiresGrad(true);
    this.bias = Tensor.zeros(dtype, out).realize().requiresGrad(true);
  }

  /**
   * Creates a layer from given values, which it takes over as parameters.
   *
   * @throws IllegalArgumentException if the shapes are not [in, out] and [out]
   */
  public Linear(Tensor weight, Tensor bias) {
    if (weight.rank() != 2 || bias.rank() != 1 || weight.dim(1) != bias.dim(0)) {
      throw new IllegalArgumentException(
          "linear: weight must be [in, out] and bias [out]: "
              + weight.shape()
              + " and "
              + bias.shape());
    }
    this.weight = weight.requiresGrad(true);
    this.bias = bias.requiresGrad(true);
  }

  /** Returns W. */
  public Tensor weight() {
    return weight;
  }

  /** Returns b. */
  public Tensor bias() {
    return bias;
  }

  @Override
  public Tensor forward(Tensor input) {
    return input.matmul(weight).add(bias);
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight", weight, true), new Parameter("bias", bias, false));
  }
}
