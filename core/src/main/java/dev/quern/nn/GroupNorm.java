package dev.quern.nn;

import dev.quern.Tensor;
import java.util.List;

/**
 * Group normalization of [n, channels, ..]: each sample's channels are standardized in groups, then
 * scaled and shifted per channel. One group for each channel is instance normalization. Sources:
 * Wu, He, "Group normalization" (2018); Ulyanov, Vedaldi, Lempitsky, "Instance normalization"
 * (2016).
 */
public final class GroupNorm implements Module {
  private final long groups;
  private final Tensor weight;
  private final Tensor bias;
  private final double epsilon;

  /**
   * Creates F32 group normalization with epsilon 1e-5.
   *
   * @throws IllegalArgumentException if the channels do not fall into as many groups
   */
  public GroupNorm(long groups, long channels) {
    this(groups, Tensor.ones(channels).realize(), Tensor.zeros(channels).realize(), 1e-5);
  }

  /**
   * Creates group normalization from given values [channels], which it takes over as parameters.
   *
   * @throws IllegalArgumentException if the shapes do not fit, the channels do not fall into as
   *     many groups, or epsilon is negative
   */
  public GroupNorm(long groups, Tensor weight, Tensor bias, double epsilon) {
    Normalizations.checkVector("groupNorm", weight, bias);
    if (groups < 1 || weight.size() % groups != 0) {
      throw new IllegalArgumentException(
          "groupNorm: " + weight.size() + " channels do not fall into " + groups + " groups");
    }
    this.groups = groups;
    this.epsilon = Normalizations.checkEpsilon("groupNorm", epsilon);
    this.weight = weight.requiresGrad(true);
    this.bias = bias.requiresGrad(true);
  }

  /** Returns F32 instance normalization, each channel of a sample by itself, epsilon 1e-5. */
  public static GroupNorm instanceNorm(long channels) {
    return new GroupNorm(channels, channels);
  }

  /** Returns instance normalization from given values; see {@link #GroupNorm}. */
  public static GroupNorm instanceNorm(Tensor weight, Tensor bias, double epsilon) {
    return new GroupNorm(weight.size(), weight, bias, epsilon);
  }

  /**
   * Returns the normalized input, of its shape.
   *
   * @throws IllegalArgumentException if the input is not [n, channels, ..]
   */
  @Override
  public Tensor forward(Tensor input) {
    Normalizations.checkChannels("groupNorm", input, weight);
    return Normalizations.groups(input, groups, epsilon)
        .mul(Normalizations.perChannel(weight, input))
        .add(Normalizations.perChannel(bias, input));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(new Parameter("weight", weight, false), new Parameter("bias", bias, false));
  }
}
