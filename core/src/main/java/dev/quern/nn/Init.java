package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.random.Generator;

/** How a weight matrix [in, out] is initialised. */
public enum Init {
  /**
   * Normal with variance {@code 2 / in}, for ReLU. Source: He et al., "Delving deep into
   * rectifiers" (2015).
   */
  HE {
    @Override
    public Tensor create(Generator generator, DType dtype, long in, long out) {
      return Tensor.randn(generator, dtype, in, out).mul(Math.sqrt(2.0 / in));
    }
  },
  /**
   * Uniform in {@code ±sqrt(6 / (in + out))}, for tanh and sigmoid. Source: Glorot, Bengio,
   * "Understanding the difficulty of training deep feedforward neural networks" (2010).
   */
  XAVIER {
    @Override
    public Tensor create(Generator generator, DType dtype, long in, long out) {
      double bound = Math.sqrt(6.0 / (in + out));
      return Tensor.rand(generator, dtype, in, out).mul(2 * bound).sub(bound);
    }
  },
  /** Zeros, for models without a hidden layer. */
  ZEROS {
    @Override
    public Tensor create(Generator generator, DType dtype, long in, long out) {
      return Tensor.zeros(dtype, in, out);
    }
  };

  /** Returns a new weight matrix. */
  public abstract Tensor create(Generator generator, DType dtype, long in, long out);
}
