package dev.quern.trainer.learn;

import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Module;

/** What follows a hidden layer. */
public enum Activation {
  /** {@code max(x, 0)}. */
  RELU,
  /** The hyperbolic tangent. */
  TANH,
  /** {@code 1 / (1 + exp(-x))}. */
  SIGMOID,
  /** ReLU with slope 0.01 below 0. */
  LEAKY_RELU,
  /** ELU with alpha 1. */
  ELU,
  /** Scaled ELU. */
  SELU,
  /** Gaussian error linear unit, by erf. */
  GELU,
  /** {@code x * sigmoid(x)}. */
  SILU,
  /** {@code log(1 + exp(x))}. */
  SOFTPLUS;

  /** Returns the activation as a module. */
  public Module module() {
    return switch (this) {
      case RELU -> Module.of(Tensor::relu);
      case TANH -> Module.of(Tensor::tanh);
      case SIGMOID -> Module.of(Tensor::sigmoid);
      case LEAKY_RELU -> Module.of(x -> x.leakyRelu(0.01));
      case ELU -> Module.of(x -> x.elu(1));
      case SELU -> Module.of(Tensor::selu);
      case GELU -> Module.of(Tensor::gelu);
      case SILU -> Module.of(Tensor::silu);
      case SOFTPLUS -> Module.of(Tensor::softplus);
    };
  }

  /** Returns the initialisation that suits the layers around it. */
  public Init init() {
    return this == TANH || this == SIGMOID ? Init.XAVIER : Init.HE;
  }
}
