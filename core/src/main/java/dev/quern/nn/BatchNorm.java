package dev.quern.nn;

import dev.quern.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Batch normalization of [n, channels, ..]: {@code (x - mean) / sqrt(var + epsilon) * weight +
 * bias} per channel. In training the mean and the population's variance are those of the batch, and
 * the running ones follow them, {@code running = momentum * running + (1 - momentum) * batch}; in
 * use they are the running ones. Source: Ioffe, Szegedy, "Batch normalization" (2015); the running
 * variance is the population's, as ONNX defines it.
 */
public final class BatchNorm implements Module {
  private final Tensor weight;
  private final Tensor bias;
  private final Tensor runningMean;
  private final Tensor runningVariance;
  private final double momentum;
  private final double epsilon;
  private boolean training = true;

  /** Creates F32 batch normalization with momentum 0.9 and epsilon 1e-5. */
  public BatchNorm(long channels) {
    this(
        Tensor.ones(channels).realize(),
        Tensor.zeros(channels).realize(),
        Tensor.zeros(channels).realize(),
        Tensor.ones(channels).realize(),
        0.9,
        1e-5);
  }

  /**
   * Creates batch normalization from given values [channels], which it takes over.
   *
   * @param momentum how much of the running values stays, in [0, 1]
   * @throws IllegalArgumentException if the shapes do not fit or a number is out of range
   */
  public BatchNorm(
      Tensor weight,
      Tensor bias,
      Tensor runningMean,
      Tensor runningVariance,
      double momentum,
      double epsilon) {
    Normalizations.checkVector("batchNorm", weight, bias);
    Normalizations.checkVector("batchNorm", weight, runningMean);
    Normalizations.checkVector("batchNorm", weight, runningVariance);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("batchNorm: momentum must be in [0, 1]: " + momentum);
    }
    this.momentum = momentum;
    this.epsilon = Normalizations.checkEpsilon("batchNorm", epsilon);
    this.weight = weight.requiresGrad(true);
    this.bias = bias.requiresGrad(true);
    this.runningMean = runningMean;
    this.runningVariance = runningVariance;
  }

  /** Returns the running mean of each channel. */
  public Tensor runningMean() {
    return runningMean;
  }

  /** Returns the running variance of each channel. */
  public Tensor runningVariance() {
    return runningVariance;
  }

  @Override
  public void train(boolean on) {
    training = on;
  }

  /**
   * Returns the normalized input, of its shape.
   *
   * @throws IllegalArgumentException if the input is not [n, channels, ..]
   */
  @Override
  public Tensor forward(Tensor input) {
    Normalizations.checkChannels("batchNorm", input, weight);
    Tensor mean = Normalizations.perChannel(runningMean, input);
    Tensor variance = Normalizations.perChannel(runningVariance, input);
    if (training) {
      int[] axes = IntStream.range(0, input.rank()).filter(axis -> axis != 1).toArray();
      mean = input.mean(axes, true);
      variance = input.var(axes, 0, true);
      follow(runningMean, mean);
      follow(runningVariance, variance);
    }
    return input
        .sub(mean)
        .div(variance.add(epsilon).sqrt())
        .mul(Normalizations.perChannel(weight, input))
        .add(Normalizations.perChannel(bias, input));
  }

  private void follow(Tensor running, Tensor batch) {
    Tensor.noGrad(
        () -> {
          Tensor share = batch.flatten().mul(1 - momentum);
          // The input may have a wider type than what follows it
          running.assign(running.mul(momentum).add(share).cast(running.dtype()));
        });
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight", weight, false), new Parameter("bias", bias, false));
  }
}
