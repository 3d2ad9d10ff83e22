package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Parameter;
import dev.quern.nn.Sequential;
import dev.quern.random.Generator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Layers and losses against formulas worked out by hand. */
abstract class NnTck extends Tck {
  private static final double TOLERANCE = 1e-12;

  private static Tensor f64(double[] values, long... dims) {
    return Tensor.of(values, dims);
  }

  @Test
  void shouldMapLinearly() {
    Linear layer =
        new Linear(f64(new double[] {1, 2, 3, 4, 5, 6}, 2, 3), f64(new double[] {10, 20, 30}, 3));

    Tensor y = layer.forward(f64(new double[] {1, 1, 2, -1}, 2, 2));

    Expect.same(Values.of(new double[] {15, 27, 39, 8, 19, 30}, 2, 3), y);
  }

  @Test
  void shouldFindLinearGradients() {
    Linear layer =
        new Linear(f64(new double[] {1, 2, 3, 4, 5, 6}, 2, 3), f64(new double[] {0, 0, 0}, 3));
    Tensor x = f64(new double[] {1, 1, 2, -1}, 2, 2).requiresGrad(true);

    layer.forward(x).sum().backward();

    // dW = x' 1, db = number of rows, dx = 1 W'
    assertGrad(layer.weight(), 3, 3, 3, 0, 0, 0);
    assertGrad(layer.bias(), 2, 2, 2);
    assertGrad(x, 6, 15, 6, 15);
  }

  private static void assertGrad(Tensor leaf, double... expected) {
    assertArrayEquals(expected, leaf.grad().orElseThrow().toDoubleArray(), TOLERANCE);
  }

  @Test
  void shouldNameParameters() {
    Sequential model = new Sequential(new Linear(2, 3), Module.of(Tensor::relu), new Linear(3, 1));

    List<String> names = model.parameters().stream().map(Parameter::name).toList();

    assertEquals(List.of("0.weight", "0.bias", "2.weight", "2.bias"), names);
    assertEquals(4, model.tensors().size());
    assertEquals(2, model.weights().size());
    assertSame(((Linear) model.modules().get(0)).weight(), model.weights().get(0));
    assertTrue(model.tensors().stream().allMatch(Tensor::requiresGrad));
  }

  @Test
  void shouldChainModules() {
    Module model =
        new Sequential(Module.of(x -> x.mul(2)), Module.of(x -> x.add(1)), Module.of(Tensor::neg));

    assertEquals(-7, model.forward(Tensor.scalar(3)).item(), 0);
    assertEquals(3, new Sequential().forward(Tensor.scalar(3)).item(), 0);
    assertEquals(List.of(), model.parameters());
  }

  @Test
  void shouldInitialiseWithRightSpread() {
    Generator generator = new Generator(7);
    double[] he = Init.HE.create(generator, DType.F64, 200, 300).toDoubleArray();
    double[] xavier = Init.XAVIER.create(generator, DType.F64, 200, 300).toDoubleArray();
    double bound = Math.sqrt(6.0 / 500);

    assertEquals(2.0 / 200, Groups.variance(0, he), 2.0 / 200 * 0.02);
    assertEquals(0, Groups.mean(he), 0.002);
    assertEquals(bound * bound / 3, Groups.variance(0, xavier), bound * bound / 3 * 0.02);
    assertTrue(Groups.max(xavier) < bound && Groups.min(xavier) >= -bound);
    assertTrue(Groups.max(xavier) > 0.99 * bound && Groups.min(xavier) < -0.99 * bound);
    assertEquals(0, Init.ZEROS.create(generator, DType.F32, 2, 3).abs().sum().item(), 0);
  }

  @Test
  void shouldInitialiseTheSameFromOneSeed() {
    Linear one = new Linear(5, 4, Init.HE, new Generator(3), DType.F32);
    Linear two = new Linear(5, 4, Init.HE, new Generator(3), DType.F32);

    Expect.same(Values.read(one.weight()), two.weight());
    assertEquals(0, one.bias().abs().sum().item(), 0);
  }

  @Test
  void shouldComputeSquaredError() {
    Tensor f = f64(new double[] {1, 2, 3, 4}, 4).requiresGrad(true);
    Tensor y = f64(new double[] {0, 2, 5, 1}, 4);

    Tensor loss = Losses.squaredError(f, y);
    loss.backward();

    // (1 + 0 + 4 + 9) / (2 * 4)
    assertEquals(14.0 / 8, loss.item(), TOLERANCE);
    assertGrad(f, 0.25, 0, -0.5, 0.75);
  }

  @Test
  void shouldDivideSquaredErrorByRows() {
    Tensor f = f64(new double[] {1, 2, 3, 4}, 2, 2);

    assertEquals(30.0 / 4, Losses.squaredError(f, f.zerosLike()).item(), TOLERANCE);
  }

  @Test
  void shouldComputeBinaryCrossEntropy() {
    double[] z = {-2, 0.5, 3, 0};
    double[] y = {0, 1, 0.25, 1};
    double expected = 0;
    double[] gradient = new double[4];
    for (int i = 0; i < 4; i++) {
      double p = 1 / (1 + Math.exp(-z[i]));
      expected -= (y[i] * Math.log(p) + (1 - y[i]) * Math.log(1 - p)) / 4;
      gradient[i] = (p - y[i]) / 4;
    }
    Tensor logits = f64(z, 4, 1).requiresGrad(true);

    Tensor loss = Losses.binaryCrossEntropyWithLogits(logits, f64(y, 4, 1));
    loss.backward();

    assertEquals(expected, loss.item(), TOLERANCE);
    assertGrad(logits, gradient);
  }

  @TestFactory
  Stream<DynamicTest> shouldNotOverflowInBinaryCrossEntropy() {
    return Stream.of(DType.F32, DType.F64)
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      Tensor z =
                          Values.reals(dtype, new double[] {1000, -1000, 1000, -1000}, 4)
                              .upload()
                              .requiresGrad(true);
                      Tensor y = Values.reals(dtype, new double[] {1, 0, 0, 1}, 4).upload();

                      Tensor loss = Losses.binaryCrossEntropyWithLogits(z, y);
                      loss.backward();

                      assertEquals(500, loss.item(), 1e-3);
                      assertGrad(z, 0, 0, 0.25, -0.25);
                    }));
  }

  @Test
  void shouldComputeCrossEntropy() {
    double[] s = {1, 2, 3, -1, 0, 5};
    long[] labels = {2, 0};
    double expected = 0;
    double[] gradient = new double[6];
    for (int i = 0; i < 2; i++) {
      double sum = IntStream.range(3 * i, 3 * i + 3).mapToDouble(k -> Math.exp(s[k])).sum();
      expected -= (s[3 * i + (int) labels[i]] - Math.log(sum)) / 2;
      for (int k = 0; k < 3; k++) {
        gradient[3 * i + k] = (Math.exp(s[3 * i + k]) / sum - (k == labels[i] ? 1 : 0)) / 2;
      }
    }
    Tensor scores = f64(s, 2, 3).requiresGrad(true);

    Tensor loss = Losses.crossEntropy(scores, Tensor.of(labels, 2));
    loss.backward();

    assertEquals(expected, loss.item(), TOLERANCE);
    assertGrad(scores, gradient);
  }

  @Test
  void shouldNotOverflowInCrossEntropy() {
    Tensor scores = Tensor.of(new float[] {1e30f, -1e30f, 0, 0}, 2, 2);

    assertEquals(
        Math.log(2) / 2, Losses.crossEntropy(scores, Tensor.of(new int[] {0, 1}, 2)).item(), 1e-6);
  }

  @Test
  void shouldRefuseLabelsThatAreNoClass() {
    Tensor scores = Tensor.zeros(2, 3);

    for (long bad : new long[] {3, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertThrows(
          IndexOutOfBoundsException.class,
          () -> {
            Losses.crossEntropy(scores, Tensor.of(new long[] {0, bad}, 2)).item();
            dev.quern.Device.current().synchronize();
          },
          "label " + bad);
    }
  }

  @Test
  void shouldComputePenalty() {
    Tensor a = f64(new double[] {1, 2}, 2).requiresGrad(true);
    Tensor b = f64(new double[] {3}, 1, 1).requiresGrad(true);

    Tensor penalty = Losses.l2(0.5, List.of(a, b));
    penalty.backward();

    assertEquals(7, penalty.item(), TOLERANCE);
    assertGrad(a, 1, 2);
    assertGrad(b, 3);
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values scores = Samples.uniform(DType.F64, 1, -2, 2, 3, 4);
    Values targets = Samples.uniform(DType.F64, 2, 0, 1, 3, 4);
    Values labels = Samples.indices(DType.I64, 3, 0, 4, 3);
    return Stream.of(
        test(
            "squaredError",
            () -> GradCheck.checkAll("J", t -> Losses.squaredError(t[0], t[1]), scores, targets)),
        test(
            "binaryCrossEntropyWithLogits",
            () ->
                GradCheck.checkAll(
                    "J", t -> Losses.binaryCrossEntropyWithLogits(t[0], t[1]), scores, targets)),
        test(
            "crossEntropy",
            () -> GradCheck.checkAll("J", t -> Losses.crossEntropy(t[0], t[1]), scores, labels)),
        test(
            "l2", () -> GradCheck.checkAll("J", t -> Losses.l2(0.3, List.of(t)), scores, targets)));
  }

  @Test
  void shouldNameCrossEntropyWhenLabelIsNoClass() {
    // A device that computes later names the index operation at its next synchronisation.
    org.junit.jupiter.api.Assumptions.assumeTrue(dev.quern.Device.current().id().equals("cpu"));

    IndexOutOfBoundsException e =
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> Losses.crossEntropy(Tensor.zeros(2, 3), Tensor.of(new long[] {0, -1}, 2)));

    assertTrue(String.valueOf(e.getMessage()).startsWith("crossEntropy: "), e.getMessage());
  }
}
