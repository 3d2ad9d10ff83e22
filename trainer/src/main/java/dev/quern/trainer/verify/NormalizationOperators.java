package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Family normalization, composed from means and variances. */
final class NormalizationOperators {
  private static final double EPSILON = 1e-5;
  // What ONNX's definition of MeanVarianceNormalization adds to the deviation.
  private static final double MVN_EPSILON = 1e-9;

  private NormalizationOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("BatchNormalization", NormalizationOperators::batch),
        entry("Dropout", NormalizationOperators::dropout),
        entry("GroupNormalization", Operator.of(NormalizationOperators::group)),
        entry("InstanceNormalization", Operator.of(NormalizationOperators::instance)),
        entry("LayerNormalization", NormalizationOperators::layer),
        entry("LpNormalization", Operator.of(NormalizationOperators::lp)),
        entry("MeanVarianceNormalization", Operator.of(NormalizationOperators::meanVariance)),
        entry("RMSNormalization", Operator.of(NormalizationOperators::rootMeanSquare)));
  }

  /** Returns a vector over the channels, axis 1, as it broadcasts to a tensor of a rank. */
  private static Tensor perChannel(Tensor vector, int rank) {
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    dims[1] = vector.size();
    return vector.reshape(dims);
  }

  private static int[] axesFrom(int first, int rank) {
    return IntStream.range(first, rank).toArray();
  }

  private static Tensor standardized(Tensor x, Tensor mean, Tensor variance, double epsilon) {
    return x.sub(mean).div(variance.add(epsilon).sqrt());
  }

  private static List<Tensor> batch(OperatorCall call) {
    Tensor x = call.in(0);
    int rank = x.rank();
    double epsilon = call.number("epsilon", EPSILON);
    double momentum = call.number("momentum", 0.9);
    boolean training = call.flag("training_mode", false);
    Tensor mean = call.in(3);
    Tensor variance = call.in(4);
    Tensor newMean = mean;
    Tensor newVariance = variance;
    if (training) {
      int[] axes = IntStream.range(0, rank).filter(axis -> axis != 1).toArray();
      mean = x.mean(axes, false);
      variance = x.var(axes, 0, false);
      newMean = newMean.mul(momentum).add(mean.mul(1 - momentum));
      newVariance = newVariance.mul(momentum).add(variance.mul(1 - momentum));
    } else if (call.outputs() > 1) {
      throw call.unsupported("training in operator set " + call.opset());
    }
    Tensor scale = perChannel(call.in(1), rank);
    Tensor shift = perChannel(call.in(2), rank);
    Tensor y =
        standardized(x, perChannel(mean, rank), perChannel(variance, rank), epsilon)
            .mul(scale)
            .add(shift);
    return List.of(y, newMean, newVariance);
  }

  /** Outside training it is the identity, and its mask lets everything through. */
  private static List<Tensor> dropout(OperatorCall call) {
    call.ignore("seed");
    double ratio = call.has(1) ? call.in(1).item() : call.number("ratio", 0.5);
    boolean training = call.has(2) && call.single(2) != 0;
    if (training && ratio != 0) {
      throw call.unsupported("training, which is random,");
    }
    Tensor x = call.in(0);
    DType mask = call.opset() < 10 ? x.dtype() : DType.BOOL;
    return List.of(x, Tensor.ones(mask, x.shape().dims()));
  }

  private static Tensor group(OperatorCall call) {
    Tensor x = call.in(0);
    long groups = call.integer("num_groups");
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    long[] dims = x.shape().dims();
    Tensor grouped = x.reshape(dims[0], groups, -1);
    int[] last = {2};
    Tensor normal =
        standardized(grouped, grouped.mean(last, true), grouped.var(last, 0, true), epsilon);
    // Up to operator set 20 the factors belong to the groups, then to the channels.
    boolean perGroup = call.opset() < 21;
    Tensor factored = perGroup ? normal : normal.reshape(dims);
    int rank = factored.rank();
    Tensor scaled = factored.mul(perChannel(call.in(1), rank)).add(perChannel(call.in(2), rank));
    return scaled.reshape(dims);
  }

  private static Tensor instance(OperatorCall call) {
    Tensor x = call.in(0);
    double epsilon = call.number("epsilon", EPSILON);
    int[] axes = axesFrom(2, x.rank());
    Tensor normal = standardized(x, x.mean(axes, true), x.var(axes, 0, true), epsilon);
    return normal.mul(perChannel(call.in(1), x.rank())).add(perChannel(call.in(2), x.rank()));
  }

  private static List<Tensor> layer(OperatorCall call) {
    Tensor x = call.in(0);
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    int[] axes = axesFrom(x.shape().axis("layerNorm", call.axis("axis", -1)), x.rank());
    Tensor mean = x.mean(axes, true);
    Tensor inverseDeviation = x.var(axes, 0, true).add(epsilon).sqrt().reciprocal();
    Tensor y = x.sub(mean).mul(inverseDeviation).mul(call.in(1));
    return List.of(call.has(2) ? y.add(call.in(2)) : y, mean, inverseDeviation);
  }

  /** Where a norm is 0 the result is 0. */
  private static Tensor lp(OperatorCall call) {
    Tensor x = call.in(0);
    int axis = call.axis("axis", -1);
    long p = call.integer("p", 2);
    Tensor norm;
    if (p == 1) {
      norm = x.abs().sum(axis, true);
    } else if (p == 2) {
      norm = x.square().sum(axis, true).sqrt();
    } else {
      throw call.unsupported("p = " + p);
    }
    return Tensor.where(norm.eq(0), x.zerosLike(), x.div(norm));
  }

  private static Tensor meanVariance(OperatorCall call) {
    Tensor x = call.in(0);
    int[] axes = {0, 2, 3};
    if (call.hasAttribute("axes")) {
      axes = Arrays.stream(call.integers("axes")).mapToInt(Math::toIntExact).toArray();
    }
    Tensor deviation = x.var(axes, 0, true).sqrt();
    return x.sub(x.mean(axes, true)).div(deviation.add(MVN_EPSILON));
  }

  private static Tensor rootMeanSquare(OperatorCall call) {
    Tensor x = call.in(0);
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    int[] axes = axesFrom(x.shape().axis("rmsNorm", call.axis("axis", -1)), x.rank());
    Tensor deviation = x.square().mean(axes, true).add(epsilon).sqrt();
    return x.div(deviation).mul(call.in(1));
  }
}
