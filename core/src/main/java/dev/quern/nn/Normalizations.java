package dev.quern.nn;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Normalizations without parameters, on which the modules build. */
public final class Normalizations {
  private Normalizations() {}

  /**
   * Returns {@code (x - mean) / sqrt(var + epsilon)} with the mean and the population's variance
   * over axes, of the shape of x.
   *
   * @throws IllegalArgumentException if an axis is out of range or named twice
   */
  public static Tensor standardize(Tensor x, double epsilon, int... axes) {
    if (x.dtype().isHalf()) {
      return standardize(x.cast(DType.F32), epsilon, axes).cast(x.dtype());
    }
    return x.sub(x.mean(axes, true)).div(x.var(axes, 0, true).add(epsilon).sqrt());
  }

  /**
   * Returns {@code x / sqrt(mean(x^2) + epsilon)} with the mean over axes, of the shape of x.
   * Source: Zhang, Sennrich, "Root mean square layer normalization" (2019).
   *
   * @throws IllegalArgumentException if an axis is out of range or named twice
   */
  public static Tensor rootMeanSquare(Tensor x, double epsilon, int... axes) {
    if (x.dtype().isHalf()) {
      return rootMeanSquare(x.cast(DType.F32), epsilon, axes).cast(x.dtype());
    }
    return x.div(x.square().mean(axes, true).add(epsilon).sqrt());
  }

  /**
   * Returns x [n, channels, ..] with each sample's channels standardized in groups. Source: Wu, He,
   * "Group normalization" (2018).
   *
   * @throws IllegalArgumentException if there are fewer than two axes or the channels do not fall
   *     into as many groups
   */
  public static Tensor groups(Tensor x, long groups, double epsilon) {
    if (x.rank() < 2 || groups < 1 || x.dim(1) % groups != 0) {
      throw new IllegalArgumentException(
          "groupNorm: channels of " + x.shape() + " do not fall into " + groups + " groups");
    }
    long[] dims = x.shape().dims();
    long each = dims[0] * groups == 0 ? 0 : x.size() / (dims[0] * groups);
    return standardize(x.reshape(dims[0], groups, each), epsilon, 2).reshape(dims);
  }

  /**
   * Returns x divided by its p-norm along an axis, 0 where that is 0.
   *
   * @throws IllegalArgumentException if p is not at least 1 or the axis is out of range
   */
  public static Tensor unit(Tensor x, double p, int axis) {
    Tensor norm = x.norm(p, new int[] {axis}, true);
    Tensor zero = norm.eq(0);
    return Tensor.where(zero, x.zerosLike(), x.div(Tensor.where(zero, norm.onesLike(), norm)));
  }

  /** Returns the last axes of an input, which must be those of a weight. */
  static int[] lastAxes(String op, Tensor x, Tensor weight) {
    int first = x.rank() - weight.rank();
    boolean fits = first >= 0;
    for (int i = 0; fits && i < weight.rank(); i++) {
      fits = x.dim(first + i) == weight.dim(i);
    }
    if (!fits) {
      throw new IllegalArgumentException(
          op + ": input must end in the axes of weight " + weight.shape() + ": " + x.shape());
    }
    return IntStream.range(first, x.rank()).toArray();
  }

  /** Returns a vector over the channels, axis 1, as it broadcasts to an input. */
  static Tensor perChannel(Tensor vector, Tensor x) {
    long[] dims = new long[x.rank()];
    Arrays.fill(dims, 1);
    dims[1] = vector.size();
    return vector.reshape(dims);
  }

  static void checkChannels(String op, Tensor x, Tensor vector) {
    if (x.rank() < 2 || x.dim(1) != vector.size()) {
      throw new IllegalArgumentException(
          op + ": input must be [n, " + vector.size() + ", ..]: " + x.shape());
    }
  }

  static double checkEpsilon(String op, double epsilon) {
    if (!(epsilon >= 0 && epsilon <= Double.MAX_VALUE)) {
      throw new IllegalArgumentException(op + ": epsilon must not be negative: " + epsilon);
    }
    return epsilon;
  }

  static void checkSame(String op, Tensor weight, Tensor bias) {
    if (!weight.shape().equals(bias.shape())) {
      throw new IllegalArgumentException(
          op + ": weight and bias differ: " + weight.shape() + " and " + bias.shape());
    }
  }

  static void checkVector(String op, Tensor weight, Tensor bias) {
    checkSame(op, weight, bias);
    if (weight.rank() != 1) {
      throw new IllegalArgumentException(op + ": weight must be [channels]: " + weight.shape());
    }
  }
}
