package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import dev.quern.nn.BatchNorm;
import dev.quern.nn.Dropout;
import dev.quern.nn.GroupNorm;
import dev.quern.nn.Normalizations;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Family normalization. */
final class NormalizationOperators {
  private static final double EPSILON = 1e-5;
  // ONNX adds 1e-9 to the deviation, where nothing but a row of equal elements can tell.
  private static final double MVN_EPSILON = 1e-18;

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

  private static int[] axesFrom(int first, int rank) {
    return IntStream.range(first, rank).toArray();
  }

  private static List<Tensor> batch(OperatorCall call) {
    double epsilon = call.number("epsilon", EPSILON);
    double momentum = call.number("momentum", 0.9);
    boolean training = call.flag("training_mode", false);
    if (!training && call.outputs() > 1) {
      throw call.unsupported("training in operator set " + call.opset());
    }
    BatchNorm norm =
        new BatchNorm(call.in(1), call.in(2), call.in(3), call.in(4), momentum, epsilon);
    norm.train(training);
    return List.of(norm.forward(call.in(0)), norm.runningMean(), norm.runningVariance());
  }

  /** Training is random: only a ratio of 0 has a result to compare. */
  private static List<Tensor> dropout(OperatorCall call) {
    call.ignore("seed");
    double ratio = call.has(1) ? call.in(1).item() : call.number("ratio", 0.5);
    boolean training = call.has(2) && call.single(2) != 0;
    if (training && ratio != 0) {
      throw call.unsupported("training, which is random,");
    }
    Dropout dropout = new Dropout(ratio);
    dropout.train(training);
    Dropout.Result result = dropout.masked(call.in(0));
    Tensor mask = call.opset() < 10 ? result.mask().cast(call.in(0).dtype()) : result.mask();
    return List.of(result.output(), mask);
  }

  private static Tensor group(OperatorCall call) {
    Tensor x = call.in(0);
    long groups = call.integer("num_groups");
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    // Up to operator set 20 the factors belong to the groups.
    boolean perGroup = call.opset() < 21;
    Tensor weight = perGroup ? repeated(call.in(1), x.dim(1) / groups) : call.in(1);
    Tensor bias = perGroup ? repeated(call.in(2), x.dim(1) / groups) : call.in(2);
    return new GroupNorm(groups, weight, bias, epsilon).forward(x);
  }

  /** Returns each element of a vector several times in a row. */
  private static Tensor repeated(Tensor vector, long times) {
    return vector.unsqueeze(1).tile(1, times).flatten().contiguous();
  }

  private static Tensor instance(OperatorCall call) {
    double epsilon = call.number("epsilon", EPSILON);
    return GroupNorm.instanceNorm(call.in(1), call.in(2), epsilon).forward(call.in(0));
  }

  /**
   * The weight may broadcast and be shorter than the axes, so the function serves, not the layer.
   */
  private static List<Tensor> layer(OperatorCall call) {
    Tensor x = call.in(0);
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    int[] axes = axesFrom(x.shape().axis("layerNorm", call.axis("axis", -1)), x.rank());
    Tensor y = Normalizations.standardize(x, epsilon, axes).mul(call.in(1));
    Tensor inverseDeviation = x.var(axes, 0, true).add(epsilon).sqrt().reciprocal();
    return List.of(call.has(2) ? y.add(call.in(2)) : y, x.mean(axes, true), inverseDeviation);
  }

  private static Tensor lp(OperatorCall call) {
    int axis = call.axis("axis", -1);
    return Normalizations.unit(call.in(0), (double) call.integer("p", 2), axis);
  }

  private static Tensor meanVariance(OperatorCall call) {
    int[] axes = {0, 2, 3};
    if (call.hasAttribute("axes")) {
      axes = Arrays.stream(call.integers("axes")).mapToInt(Math::toIntExact).toArray();
    }
    return Normalizations.standardize(call.in(0), MVN_EPSILON, axes);
  }

  private static Tensor rootMeanSquare(OperatorCall call) {
    Tensor x = call.in(0);
    call.ignore("stash_type");
    double epsilon = call.number("epsilon", EPSILON);
    int[] axes = axesFrom(x.shape().axis("rmsNorm", call.axis("axis", -1)), x.rank());
    return Normalizations.rootMeanSquare(x, epsilon, axes).mul(call.in(1));
  }
}
