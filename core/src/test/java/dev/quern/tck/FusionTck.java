package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Deferred evaluation: a chain gives the same bits as one operation after the other. */
abstract class FusionTck extends Tck {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  /** Builds a value; {@code step} is applied to every intermediate one. */
  @FunctionalInterface
  private interface Build {
    Tensor run(UnaryOperator<Tensor> step);
  }

  /** Checks that computing every step at once gives the same bits as computing only the last. */
  private static void checkSameBits(String what, Build build) {
    Values stepwise = Values.read(build.run(Tensor::realize));

    Expect.same(what, stepwise, build.run(t -> t));
  }

  @TestFactory
  Stream<DynamicTest> shouldGiveSameBitsForRandomGraphs() {
    // Each is a kernel of its own, which some devices take long to compile.
    int few = Math.min(60, Integer.getInteger("quern.tck.programs", 60));
    int graphs = Integer.getInteger("quern.tck.graphs", few);
    return LongStream.range(0, graphs)
        .mapToObj(seed -> test("seed " + seed, () -> checkRandomGraph(seed)));
  }

  private static void checkRandomGraph(long seed) {
    List<Tensor> fused = randomGraph(seed, t -> t);
    List<Tensor> stepwise = randomGraph(seed, Tensor::realize);
    SplittableRandom order = new SplittableRandom(seed + 1);
    for (int i = 0; i < 12; i++) {
      // Read in any order: some are fused away by then, some are not.
      int at = i == 0 ? fused.size() - 1 : order.nextInt(fused.size());
      Expect.same("node " + at, Values.read(stepwise.get(at)), fused.get(at));
    }
  }

  private static List<Tensor> randomGraph(long seed, UnaryOperator<Tensor> step) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] dims = {5, 33};
    List<Tensor> nodes = new ArrayList<>();
    long[][] shapes = {dims, dims, {33}, {5, 1}, {}};
    for (int i = 0; i < shapes.length; i++) {
      Layout layout = Layout.values()[random.nextInt(Layout.values().length)];
      nodes.add(layout.of(Samples.uniform(DType.F32, seed + i, -2, 2, shapes[i])));
    }
    int length = random.nextInt(5, 70);
    for (int i = 0; i < length; i++) {
      // Mostly recent nodes, so that chains grow long.
      int recent = Math.max(0, nodes.size() - 6);
      Tensor a = nodes.get(random.nextInt(recent, nodes.size()));
      Tensor b = nodes.get(random.nextInt(nodes.size()));
      nodes.add(step.apply(operation(random, a, b)));
    }
    return nodes;
  }

  private static Tensor operation(SplittableRandom random, Tensor a, Tensor b) {
    return switch (random.nextInt(18)) {
      case 0 -> a.add(b);
      case 1 -> a.sub(b);
      case 2 -> a.mul(b);
      case 3 -> a.div(b);
      case 4 -> a.maximum(b);
      case 5 -> Tensor.where(a.gt(b), a, b.neg());
      case 6 -> a.tanh();
      case 7 -> a.sigmoid();
      case 8 -> a.exp();
      case 9 -> a.abs().log1p();
      case 10 -> a.relu();
      case 11 -> a.clamp(-1, 1);
      case 12 -> a.mul(random.nextDouble());
      case 13 -> a.add(random.nextInt(5));
      case 14 -> a.cast(DType.I32).cast(DType.F32);
      case 15 -> a.square();
      case 16 -> a.gelu();
      default -> a.abs().sqrt();
    };
  }

  @Test
  void shouldComputeChainOfTenThousandOps() {
    Tensor x = Tensor.zeros(DType.F64, 3).realize();
    Tensor y = x;
    for (int i = 0; i < 10_000; i++) {
      y = y.add(1);
    }

    assertArrayEquals(new double[] {10_000, 10_000, 10_000}, y.toDoubleArray());
  }

  @Test
  void shouldComputeLongChainWhoseStepsAreClosed() {
    Tensor y = Tensor.of(new float[] {1, 2}, 2);
    for (int i = 0; i < 10_000; i++) {
      Tensor next = y.neg();
      y.close();
      y = next;
    }

    assertArrayEquals(new float[] {1, 2}, y.toFloatArray());
  }

  @Test
  void shouldDropLongChainNobodyReads() {
    Tensor y = Tensor.of(new float[] {1, 2}, 2);
    for (int i = 0; i < 10_000; i++) {
      Tensor next = y.add(y);
      y.close();
      y = next;
    }

    y.close();
  }

  @Test
  void shouldComputeSharedSubexpressionsOnce() {
    assertTimeout(
        LIMIT,
        () -> {
          Tensor y = Tensor.of(new double[] {1, 3}, 2);
          for (int i = 0; i < 60; i++) {
            y = y.add(y);
          }

          assertArrayEquals(new double[] {0x1p60, 3 * 0x1p60}, y.toDoubleArray());
        });
  }

  @Test
  void shouldComputeFibonacciGraph() {
    assertTimeout(
        LIMIT,
        () -> {
          Tensor a = Tensor.of(new long[] {0, 1}, 2);
          Tensor b = Tensor.of(new long[] {1, 1}, 2);
          for (int i = 0; i < 80; i++) {
            Tensor next = a.add(b);
            a = b;
            b = next;
          }

          assertEquals(23_416_728_348_467_685L, a.toLongArray()[0]);
          assertEquals(37_889_062_373_143_906L, b.toLongArray()[0]);
        });
  }

  @Test
  void shouldReadSharedGraphBackwards() {
    Tensor y = Tensor.of(new double[] {1}, 1);
    List<Tensor> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      y = y.add(y).mul(0.5).add(1);
      all.add(y);
    }

    for (int i = 49; i >= 0; i--) {
      assertEquals(i + 2, all.get(i).item(), 0);
    }
  }

  @Test
  void shouldTakeMoreInputsThanAKernelHas() {
    float[] expected = new float[7];
    Tensor sum = Tensor.zeros(7);
    for (int i = 0; i < 40; i++) {
      sum = sum.add(Tensor.full(1, 7).realize().mul(i));
      expected[0] += i;
    }

    assertEquals(expected[0], sum.toFloatArray()[6]);
  }

  @Test
  void shouldTakeMoreInputsAtOnceThanAKernelHas() {
    // A balanced tree: 64 stored leaves meet at one root.
    List<Tensor> level = new ArrayList<>();
    for (int i = 0; i < 64; i++) {
      level.add(Tensor.of(new float[] {i, 1}, 2));
    }
    while (level.size() > 1) {
      List<Tensor> next = new ArrayList<>();
      for (int i = 0; i < level.size(); i += 2) {
        next.add(level.get(i).add(level.get(i + 1)));
      }
      level = next;
    }

    assertArrayEquals(new float[] {2016, 64}, level.get(0).toFloatArray());
  }

  @Test
  void shouldTakeMoreConstantsThanAKernelHas() {
    Tensor y = Tensor.of(new double[] {0.5}, 1);
    double expected = 0.5;
    for (int i = 0; i < 100; i++) {
      y = y.add(i + 0.25);
      expected += i + 0.25;
    }

    assertEquals(expected, y.item(), 0);
  }

  @Test
  void shouldWriteMoreOutputsThanAKernelHas() {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
    List<Tensor> steps = new ArrayList<>();
    Tensor y = x;
    for (int i = 0; i < 12; i++) {
      y = y.add(1);
      steps.add(y);
    }
    Tensor sum = y;
    for (Tensor step : steps) {
      sum = sum.add(step.mul(2));
    }

    assertEquals(13 + 2 * 90, sum.toFloatArray()[0]);
    for (int i = 0; i < 12; i++) {
      assertEquals(i + 2, steps.get(i).toFloatArray()[0]);
    }
  }

  @Test
  void shouldReadFusedAwayTensorLater() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 257).upload();
    Tensor inner = x.exp();
    Tensor outer = inner.add(1).log();
    Values expected = Values.read(x.exp().realize());
    outer.realize();

    Expect.same(expected, inner);
    Expect.same(expected, inner);
    Expect.same(Values.read(inner.add(1).realize().log()), outer);
  }

  @Test
  void shouldServeSeveralConsumers() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 33).upload();
    Tensor shared = x.mul(3).tanh();
    Tensor a = shared.add(1);
    Tensor b = shared.mul(2);
    Tensor c = shared.sub(a).mul(b);
    Values s = Values.read(x.mul(3).realize().tanh().realize());

    Expect.same(s.mapReals(v -> (float) v + 1f), a);
    Expect.same(s.mapReals(v -> 2f * (float) v), b);
    Expect.same(s.mapReals(v -> ((float) v - ((float) v + 1f)) * (2f * (float) v)), c);
    Expect.same(s, shared);
  }

  @Test
  void shouldComputeAfterOperandsAreClosed() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor y = Tensor.of(new float[] {3, 4}, 2);
    Tensor sum = x.add(y);
    Tensor product = sum.mul(x);
    x.close();
    y.close();
    sum.close();

    assertArrayEquals(new float[] {4, 12}, product.toFloatArray());
  }

  @Test
  void shouldMultiplyAfterOperandsAreClosed() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor bias = Tensor.of(new float[] {1, -100}, 2);
    Tensor y = x.matmul(x).add(bias).relu();
    x.close();
    bias.close();

    assertArrayEquals(new float[] {8, 0, 16, 0}, y.toFloatArray());
  }

  @TestFactory
  Stream<DynamicTest> shouldGiveSameBitsWithEpilogue() {
    List<DynamicTest> tests = new ArrayList<>();
    long[][] biases = {{17}, {9, 17}, {9, 1}, {1, 17}, {}, {1}};
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (long[] bias : biases) {
        tests.add(
            test(dtype + " " + java.util.Arrays.toString(bias), () -> checkEpilogue(dtype, bias)));
      }
    }
    return tests.stream();
  }

  private static void checkEpilogue(DType dtype, long... biasDims) {
    Tensor x = Samples.uniform(dtype, 1, -1, 1, 9, 33).upload();
    Tensor w = Samples.uniform(dtype, 2, -1, 1, 33, 17).upload();
    Tensor b = Layout.REVERSED.of(Samples.uniform(dtype, 3, -1, 1, biasDims));
    List<UnaryOperator<Tensor>> activations =
        List.of(t -> t, Tensor::relu, Tensor::sigmoid, Tensor::tanh, Tensor::exp, Tensor::neg);
    for (UnaryOperator<Tensor> activation : activations) {
      checkSameBits("bias", s -> activation.apply(s.apply(s.apply(x.matmul(w)).add(b))));
      checkSameBits("bias first", s -> activation.apply(s.apply(b.add(s.apply(x.matmul(w))))));
      checkSameBits("no bias", s -> activation.apply(s.apply(x.matmul(w))));
      checkSameBits("deferred", s -> activation.apply(s.apply(x.matmul(w).add(s.apply(b.neg())))));
      checkSameBits("scalar", s -> activation.apply(s.apply(s.apply(x.matmul(w)).add(0.5))));
    }
  }

  @Test
  void shouldKeepBatchedProductWithBias() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 3, 2, 4).upload();
    Tensor w = Samples.uniform(DType.F32, 2, -1, 1, 3, 4, 5).upload();
    Tensor row = Samples.uniform(DType.F32, 3, -1, 1, 5).upload();
    Tensor each = Samples.uniform(DType.F32, 4, -1, 1, 3, 1, 5).upload();

    checkSameBits("row", s -> s.apply(s.apply(x.matmul(w)).add(row)).relu());
    checkSameBits("each", s -> s.apply(s.apply(x.matmul(w)).add(each)).relu());
  }

  @Test
  void shouldBroadcastProductToLargerBias() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 2, 4).upload();
    Tensor w = Samples.uniform(DType.F32, 2, -1, 1, 4, 5).upload();
    Tensor bias = Samples.uniform(DType.F32, 4, -1, 1, 3, 2, 5).upload();

    checkSameBits("larger bias", s -> s.apply(s.apply(x.matmul(w)).add(bias)).relu());
  }

  @Test
  void shouldUseProductTwice() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 9, 33).upload();
    Tensor w = Samples.uniform(DType.F32, 2, -1, 1, 33, 17).upload();
    checkSameBits(
        "product + product",
        s -> {
          Tensor p = s.apply(x.matmul(w));
          return s.apply(p.add(p)).relu();
        });
    checkSameBits(
        "relu(p) * p",
        s -> {
          Tensor p = s.apply(x.matmul(w));
          return s.apply(p.relu()).mul(p);
        });
    Tensor product = x.matmul(w);
    Values relu = Values.read(product.relu());
    Expect.same(relu.mapReals(v -> v), product.relu());
    Expect.same(Values.read(x.matmul(w).realize()), product);
  }

  @Test
  void shouldAddTwoProducts() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 9, 33).upload();
    Tensor w = Samples.uniform(DType.F32, 2, -1, 1, 33, 17).upload();

    checkSameBits(
        "two products", s -> s.apply(s.apply(x.matmul(w)).add(s.apply(x.neg().matmul(w)))).tanh());
  }

  @Test
  void shouldReduceDeferredValues() {
    Values a = Samples.whole(DType.F32, 1, 9, 17, 33);
    Values b = Samples.whole(DType.F32, 2, 9, 33);
    Tensor x = a.upload();
    Tensor y = b.upload();

    for (int[] axes : new int[][] {{}, {0}, {1}, {0, 1}}) {
      Values expected = Values.read(x.sub(y).square().realize().sum(axes));
      Expect.same(expected, x.sub(y).square().sum(axes));
      Expect.same(Values.read(x.mul(y).realize().max(axes)), x.mul(y).max(axes));
    }
    Tensor t = Layout.TRANSPOSED.of(a).sub(y);
    Expect.same(Values.read(t.abs().realize().min(0)), t.abs().min(0));
  }

  @Test
  void shouldReduceDeferredValueThatIsReadLater() {
    Tensor x = Samples.whole(DType.F32, 1, 9, 257).upload();
    Tensor square = x.square();

    double sum = square.sum().item();
    double again = square.sum().item();

    assertEquals(sum, again, 0);
    assertEquals(Groups.sum(Values.read(square).reals()), sum, 0);
  }

  @Test
  void shouldReduceConstants() {
    assertEquals(24, Tensor.ones(3, 4).mul(2).sum().item(), 0);
    assertEquals(12, Tensor.ones(3, 4).sum().item(), 0);
    assertEquals(3, Tensor.full(3, 2, 2).max().item(), 0);
    assertEquals(0, Tensor.full(3, 0).sum().item(), 0);
  }

  @Test
  void shouldReduceProductWithEpilogue() {
    Tensor x = Samples.whole(DType.F32, 1, 4, 5, 6).upload();
    Tensor w = Samples.whole(DType.F32, 2, 4, 6, 7).upload();
    Tensor bias = Samples.whole(DType.F32, 3, 4, 7).upload();
    Values expected =
        Values.read(x.matmul(w).realize().add(bias).realize().relu().realize().sum(1));

    Expect.same(expected, x.matmul(w).add(bias).relu().sum(1));
  }

  @Test
  void shouldReduceLongChain() {
    Tensor y = Tensor.of(new double[] {1, 2}, 2);
    for (int i = 0; i < 500; i++) {
      y = y.add(1);
    }

    assertEquals(1003, y.sum().item(), 0);
  }

  @Test
  void shouldFuseMixedTypes() {
    Tensor ints = Samples.whole(DType.I32, 1, 9, 33).upload();
    Tensor floats = Samples.uniform(DType.F32, 2, -9, 9, 33).upload();
    Tensor doubles = Samples.uniform(DType.F64, 3, -9, 9, 33).upload();
    Tensor longs = Samples.whole(DType.I64, 4, 9, 33).upload();

    checkSameBits(
        "mixed",
        s -> {
          Tensor a = s.apply(ints.add(longs));
          Tensor b = s.apply(a.mul(floats));
          Tensor c = s.apply(b.gt(ints));
          Tensor d = s.apply(Tensor.where(c, b, doubles));
          Tensor e = s.apply(c.not().cast(DType.I64).mul(longs));
          return s.apply(d.cast(DType.I32)).add(e).add(doubles);
        });
  }

  @Test
  void shouldBroadcastDeferredOperands() {
    Tensor column = Samples.uniform(DType.F32, 1, -1, 1, 5, 1).upload();
    Tensor row = Samples.uniform(DType.F32, 2, -1, 1, 7).upload();
    Tensor scalar = Tensor.scalar(0.5);

    checkSameBits(
        "deferred operands of other shapes",
        s -> {
          Tensor a = s.apply(column.exp());
          Tensor b = s.apply(row.neg());
          Tensor c = s.apply(a.add(b));
          return s.apply(c.mul(s.apply(scalar.add(1)))).add(a);
        });
  }

  @Test
  void shouldKeepSignOfZeroConstant() {
    Tensor x = Tensor.of(new float[] {1}, 1);

    assertEquals(Double.NEGATIVE_INFINITY, x.div(-0.0).item(), 0);
    assertEquals(Double.POSITIVE_INFINITY, x.div(0.0).item(), 0);
    // Both zeros in one kernel: they must not be taken for one constant.
    Tensor both = x.div(-0.0).maximum(x.neg().div(0.0)).add(x.div(0.0).mul(0).cast(DType.F32));
    assertEquals(Double.NaN, both.item());
  }

  @Test
  void shouldKeepConstantsOfDifferentTypesApart() {
    Tensor ints = Tensor.of(new int[] {3}, 1);
    Tensor longs = Tensor.of(new long[] {3}, 1);

    assertEquals(5, ints.add(1).cast(DType.I64).add(longs.add(1).sub(3)).itemLong());
  }

  /** Returns how many kernels code runs on a device of its own. */
  private static long kernels(UnaryOperator<Tensor> code) {
    FaultyBackend counting = new FaultyBackend(Modes.backend());
    Device before = Device.current();
    Device.setCurrent(Device.on(counting));
    try {
      Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 8, 8).upload();
      long start = counting.kernels();
      code.apply(x).realize();
      return counting.kernels() - start;
    } finally {
      Device.setCurrent(before);
    }
  }

  @Test
  void shouldRunChainAsOneKernel() {
    Modes.assumeDeferred();

    assertEquals(1, kernels(x -> x.mul(x).add(x).relu()));
    assertEquals(1, kernels(x -> x.mul(2).add(1).exp().mul(x.sub(3)).tanh()));
    assertEquals(1, kernels(x -> x.gelu()));
    assertEquals(1, kernels(x -> Tensor.where(x.gt(0), x, x.exp().sub(1))));
  }

  @Test
  void shouldReduceChainInOneKernel() {
    Modes.assumeDeferred();

    assertEquals(1, kernels(x -> x.sub(x.get(0)).square().sum()));
    assertEquals(1, kernels(x -> x.abs().max(1)));
  }

  @Test
  void shouldMultiplyWithEpilogueInOneKernel() {
    Modes.assumeDeferred();

    assertEquals(1, kernels(x -> x.matmul(x)));
    assertEquals(1, kernels(x -> x.transpose().matmul(x)));
    assertEquals(1, kernels(x -> x.matmul(x).add(x.get(0)).relu()));
    assertEquals(1, kernels(x -> x.get(0).add(x.matmul(x)).sigmoid()));
  }

  @Test
  void shouldMultiplyOnceForSeveralConsumers() {
    Modes.assumeDeferred();

    assertEquals(
        2,
        kernels(
            x -> {
              Tensor product = x.matmul(x);
              return product.relu().add(product);
            }));
  }

  @Test
  void shouldWriteSharedValueInTheSameKernel() {
    Modes.assumeDeferred();

    assertEquals(
        2,
        kernels(
            x -> {
              Tensor shared = x.exp();
              Tensor sum = shared.add(1);
              Tensor other = shared.mul(3);
              sum.realize();
              return other;
            }));
  }

  @Test
  void shouldViewWithoutKernel() {
    assertEquals(0, kernels(x -> x.transpose().slice(0, 1, 5).unsqueeze(0).flip(2).get(0)));
    assertEquals(0, kernels(x -> x.reshape(4, 16).broadcastTo(3, 4, 16).diagonal(0, 1)));
  }
}
