package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.nn.BatchNorm;
import dev.quern.nn.Dropout;
import dev.quern.nn.GroupNorm;
import dev.quern.nn.LayerNorm;
import dev.quern.nn.Normalizations;
import dev.quern.nn.RmsNorm;
import dev.quern.nn.Sequential;
import dev.quern.random.Generator;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Normalizing layers and dropout against their definitions in plain Java. */
abstract class NormalizationTck extends Tck {
  private static final long[] DIMS = {3, 4, 5};
  private static final double EPSILON = 1e-3;
  private static final Values X = Samples.uniform(DType.F64, 1, -2, 3, DIMS);

  /** Returns (x - mean) / sqrt(var + eps), each element with all that share its group. */
  private static double[] standardized(IntBinaryOperator groupOfRowAndChannel) {
    double[] out = new double[X.size()];
    for (int i = 0; i < out.length; i++) {
      int group = group(groupOfRowAndChannel, i);
      double[] members =
          IntStream.range(0, X.size())
              .filter(k -> group(groupOfRowAndChannel, k) == group)
              .mapToDouble(X::real)
              .toArray();
      double deviation = Math.sqrt(Groups.variance(0, members) + EPSILON);
      out[i] = (X.real(i) - Groups.mean(members)) / deviation;
    }
    return out;
  }

  private static int group(IntBinaryOperator groups, int i) {
    return groups.applyAsInt(i / 20, i / 5 % 4);
  }

  private static Values perChannel(double[] normal, double[] weight, double[] bias) {
    double[] out = new double[normal.length];
    Arrays.setAll(out, i -> normal[i] * weight[i / 5 % 4] + bias[i / 5 % 4]);
    return Values.of(out, DIMS);
  }

  private static Tensor vector(double... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void shouldNormalizeLayers() {
    Values weight = Samples.uniform(DType.F64, 2, 0.5, 2, 4, 5);
    Values bias = Samples.uniform(DType.F64, 3, -1, 1, 4, 5);

    Tensor y = new LayerNorm(weight.upload(), bias.upload(), EPSILON).forward(X.upload());

    double[] normal = standardized((row, channel) -> row);
    double[] expected = new double[normal.length];
    Arrays.setAll(expected, i -> normal[i] * weight.real(i % 20) + bias.real(i % 20));
    Expect.close("layer", Values.of(expected, DIMS), 1e-12, 1e-12, y);
  }

  @Test
  void shouldNormalizeByRootMeanSquare() {
    Values weight = Samples.uniform(DType.F64, 2, 0.5, 2, 5);

    Tensor y = new RmsNorm(weight.upload(), EPSILON).forward(X.upload());

    double[] expected = new double[X.size()];
    for (int i = 0; i < expected.length; i++) {
      int row = i / 5 * 5;
      double squares = IntStream.range(row, row + 5).mapToDouble(k -> X.real(k) * X.real(k)).sum();
      expected[i] = X.real(i) / Math.sqrt(squares / 5 + EPSILON) * weight.real(i % 5);
    }
    Expect.close("rms", Values.of(expected, DIMS), 1e-12, 1e-12, y);
  }

  @Test
  void shouldNormalizeGroupsOfChannels() {
    double[] weight = {1, 2, 0.5, -1};
    double[] bias = {0, 1, -1, 3};

    Tensor groups = new GroupNorm(2, vector(weight), vector(bias), EPSILON).forward(X.upload());
    Tensor single =
        GroupNorm.instanceNorm(vector(weight), vector(bias), EPSILON).forward(X.upload());

    double[] pairs = standardized((row, channel) -> row * 2 + channel / 2);
    Expect.close("groups", perChannel(pairs, weight, bias), 1e-12, 1e-12, groups);
    double[] each = standardized((row, channel) -> row * 4 + channel);
    Expect.close("instance", perChannel(each, weight, bias), 1e-12, 1e-12, single);
  }

  @Test
  void shouldNormalizeBatchesAndFollowTheirStatistics() {
    double[] weight = {1, 2, 0.5, -1};
    double[] bias = {0, 1, -1, 3};
    BatchNorm norm =
        new BatchNorm(
            vector(weight), vector(bias), vector(1, 2, 3, 4), vector(1, 1, 2, 2), 0.75, EPSILON);

    Tensor y = norm.forward(X.upload());

    double[] normal = standardized((row, channel) -> channel);
    Expect.close("batch", perChannel(normal, weight, bias), 1e-12, 1e-12, y);
    double[] mean = new double[4];
    double[] variance = new double[4];
    for (int c = 0; c < 4; c++) {
      int channel = c;
      double[] members =
          IntStream.range(0, X.size())
              .filter(k -> k / 5 % 4 == channel)
              .mapToDouble(X::real)
              .toArray();
      mean[c] = 0.75 * (c + 1) + 0.25 * Groups.mean(members);
      variance[c] = 0.75 * (1 + c / 2) + 0.25 * Groups.variance(0, members);
    }
    assertArrayEquals(mean, norm.runningMean().toDoubleArray(), 1e-12);
    assertArrayEquals(variance, norm.runningVariance().toDoubleArray(), 1e-12);
  }

  @Test
  void shouldFollowStatisticsOfAWiderInputInTheirOwnType() {
    BatchNorm norm =
        new BatchNorm(
            Tensor.ones(4), Tensor.zeros(4), Tensor.zeros(4), Tensor.ones(4), 0.9, EPSILON);

    Tensor y = norm.forward(X.upload());

    assertEquals(DType.F64, y.dtype());
    double[] normal = standardized((row, channel) -> channel);
    Expect.close("batch", Values.of(normal, DIMS), 1e-12, 1e-12, y);
    assertEquals(DType.F32, norm.runningMean().dtype());
    double[] mean = X.upload().mean(new int[] {0, 2}, false).mul(0.1).toDoubleArray();
    assertArrayEquals(mean, norm.runningMean().toDoubleArray(), 1e-6);
  }

  @Test
  void shouldUseRunningStatisticsOutsideTraining() {
    BatchNorm norm =
        new BatchNorm(
            vector(1, 1, 1, 2),
            vector(0, 0, 0, 1),
            vector(1, 2, 3, 4),
            vector(1, 4, 9, 16),
            0.9,
            0);
    new Sequential(norm).train(false);

    Tensor y = norm.forward(X.upload());

    double[] expected = new double[X.size()];
    for (int i = 0; i < expected.length; i++) {
      int c = i / 5 % 4;
      double normal = (X.real(i) - (c + 1)) / (c + 1);
      expected[i] = c == 3 ? normal * 2 + 1 : normal;
    }
    Expect.close("batch", Values.of(expected, DIMS), 1e-12, 1e-12, y);
    assertArrayEquals(new double[] {1, 2, 3, 4}, norm.runningMean().toDoubleArray());
  }

  @Test
  void shouldScaleToUnitNorm() {
    Tensor x = Tensor.of(new double[] {3, 4, 0, 0, -1, 1}, 3, 2);

    Expect.close(
        "unit 2",
        Values.of(new double[] {0.6, 0.8, 0, 0, -Math.sqrt(0.5), Math.sqrt(0.5)}, 3, 2),
        1e-15,
        0,
        Normalizations.unit(x, 2, 1));
    Expect.close(
        "unit 1",
        Values.of(new double[] {3 / 7.0, 4 / 7.0, 0, 0, -0.5, 0.5}, 3, 2),
        1e-15,
        0,
        Normalizations.unit(x, 1, -1));
  }

  @Test
  void shouldDropAboutAsManyAsAskedFor() {
    Dropout dropout = new Dropout(0.3, new Generator(5));
    Tensor x = Tensor.full(DType.F64, 7, 100, 1000).requiresGrad(true);

    Dropout.Result result = dropout.masked(x);
    result.output().sum().backward();

    double[] y = result.output().toDoubleArray();
    boolean[] stayed = result.mask().toBooleanArray();
    for (int i = 0; i < y.length; i++) {
      assertEquals(stayed[i] ? 10 : 0, y[i], 1e-12);
    }
    assertEquals(0.7, result.mask().cast(DType.F64).mean().item(), 0.005);
    // The gradient is masked and scaled likewise.
    assertArrayEquals(
        Arrays.stream(y).map(v -> v / 7).toArray(), x.grad().orElseThrow().toDoubleArray(), 1e-12);
  }

  @Test
  void shouldDrawNewMasksThatASeedRepeats() {
    Tensor x = Tensor.ones(1000);
    Dropout dropout = new Dropout(0.5, new Generator(5));

    float[] first = dropout.forward(x).toFloatArray();
    float[] second = dropout.forward(x).toFloatArray();
    float[] again = new Dropout(0.5, new Generator(5)).forward(x).toFloatArray();

    assertArrayEquals(first, again);
    assertTrue(!Arrays.equals(first, second));
  }

  @Test
  void shouldDropNothingOutsideTraining() {
    Tensor x = Tensor.ones(10);
    Dropout dropout = new Dropout(0.5, new Generator(5));
    new Sequential(dropout).train(false);

    assertSame(x, dropout.forward(x));
    assertEquals(10, dropout.masked(x).mask().sum().itemLong());
    assertSame(x, new Dropout(0, new Generator(5)).forward(x));
    assertEquals(0, new Dropout(1, new Generator(5)).forward(x).sum().item(), 0);
  }

  @Test
  void shouldNameWhatDoesNotFit() {
    Tensor x = Tensor.zeros(2, 3);

    assertMessage("layerNorm: input must end", () -> new LayerNorm(4).forward(x));
    assertMessage("layerNorm: input must end", () -> new LayerNorm(1, 2, 3).forward(x));
    assertMessage("layerNorm: weight and bias", () -> layer(x));
    assertMessage("rmsNorm: input must end", () -> new RmsNorm(1).forward(x));
    assertMessage("groupNorm: 4 channels", () -> new GroupNorm(3, 4));
    assertMessage("groupNorm: input must be", () -> new GroupNorm(2, 4).forward(x));
    assertMessage("groupNorm: channels", () -> Normalizations.groups(x, 2, 0));
    assertMessage("batchNorm: input must be", () -> new BatchNorm(4).forward(x));
    assertMessage("dropout: ratio", () -> new Dropout(1.5));
  }

  private static LayerNorm layer(Tensor x) {
    return new LayerNorm(x, Tensor.zeros(3), 0);
  }

  private static void assertMessage(String start, Runnable body) {
    String message = assertThrows(IllegalArgumentException.class, body::run).getMessage();
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values weight = Samples.uniform(DType.F64, 2, 0.5, 2, 4);
    Values bias = Samples.uniform(DType.F64, 3, -1, 1, 4);
    Values last = Samples.uniform(DType.F64, 4, 0.5, 2, 5);
    Values shift = Samples.uniform(DType.F64, 5, -1, 1, 5);
    return Stream.of(
        test(
            "layer",
            () ->
                GradCheck.checkAll(
                    "layer",
                    t -> new LayerNorm(t[1], t[2], EPSILON).forward(t[0]),
                    X,
                    last,
                    shift)),
        test(
            "rms",
            () ->
                GradCheck.checkAll("rms", t -> new RmsNorm(t[1], EPSILON).forward(t[0]), X, last)),
        test(
            "group",
            () ->
                GradCheck.checkAll(
                    "group",
                    t -> new GroupNorm(2, t[1], t[2], EPSILON).forward(t[0]),
                    X,
                    weight,
                    bias)),
        test(
            "batch",
            () ->
                GradCheck.checkAll(
                    "batch",
                    t ->
                        new BatchNorm(
                                t[1],
                                t[2],
                                Tensor.zeros(DType.F64, 4).realize(),
                                Tensor.ones(DType.F64, 4).realize(),
                                0.9,
                                EPSILON)
                            .forward(t[0]),
                    X,
                    weight,
                    bias)),
        test("unit", () -> GradCheck.check("unit", t -> Normalizations.unit(t, 2, 1), X)));
  }
}
