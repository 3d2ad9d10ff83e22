package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.random.Generator;

/**
 * Dropout: in training each element is 0 with a probability and else divided by what remains of 1,
 * so that the expectation stays; in use the identity. Source: Srivastava et al., "Dropout: a simple
 * way to prevent neural networks from overfitting" (2014).
 */
public final class Dropout implements Module {
  private final double ratio;
  private final Generator generator;
  private boolean training = true;

  /** Creates dropout that draws from the global generator. */
  public Dropout(double ratio) {
    this(ratio, Generator.global());
  }

  /**
   * Creates dropout.
   *
   * @param ratio the probability of 0, in [0, 1]
   * @throws IllegalArgumentException if the ratio is out of range
   */
  public Dropout(double ratio, Generator generator) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("dropout: ratio must be in [0, 1]: " + ratio);
    }
    this.ratio = ratio;
    this.generator = generator;
  }

  /**
   * What dropout returns beside its mask.
   *
   * @param output the input with elements dropped
   * @param mask BOOL: which elements stayed
   */
  public record Result(Tensor output, Tensor mask) {}

  @Override
  public void train(boolean on) {
    training = on;
  }

  @Override
  public Tensor forward(Tensor input) {
    return training && ratio > 0 ? masked(input).output() : input;
  }

  /** Returns the output of {@link #forward} and which elements stayed. */
  public Result masked(Tensor input) {
    long[] dims = input.shape().dims();
    if (!training || ratio == 0) {
      return new Result(input, Tensor.ones(DType.BOOL, dims).to(input.device()));
    }
    Tensor mask = Tensor.rand(generator, DType.F32, dims).to(input.device()).ge(ratio);
    Tensor kept = ratio < 1 ? input.div(1 - ratio) : input;
    return new Result(Tensor.where(mask, kept, input.zerosLike()), mask);
  }
}
