package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Index;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Views: what shares memory under another shape. */
abstract class ViewTck extends Tck {
  /** Returns 0, 1, 2, ... in a shape. */
  private static Values counting(long... dims) {
    double[] values = new double[Values.count(dims)];
    Arrays.setAll(values, i -> i);
    return Values.reals(DType.F32, values, dims);
  }

  @Test
  void shouldReshape() {
    Values x = counting(2, 3, 4);
    Tensor t = x.upload();

    for (long[] dims : new long[][] {{24}, {4, 6}, {2, 12}, {1, 24, 1}, {2, 2, 3, 2}, {3, 8}}) {
      Expect.same(x.reshape(dims), t.reshape(dims));
    }
    Expect.same(x.reshape(6, 4), t.reshape(-1, 4));
    Expect.same(x.reshape(2, 12), t.reshape(2, -1));
    Expect.same(x.reshape(24), t.flatten());
    Expect.same(counting().reshape(1, 1), counting().upload().reshape(1, 1));
    Expect.same(counting(1).reshape(), counting(1).upload().reshape());
    Expect.same(counting(0, 3).reshape(3, 0, 7), counting(0, 3).upload().reshape(3, 0, 7));
  }

  @TestFactory
  Stream<DynamicTest> shouldReshapeAnyLayout() {
    return Stream.of(Layout.values())
        .map(
            layout ->
                test(
                    layout.toString(),
                    () -> {
                      Values x = counting(2, 6, 2, 3);
                      for (long[] dims :
                          new long[][] {
                            {72},
                            {12, 6},
                            {2, 2, 3, 2, 3},
                            {2, 6, 6},
                            {2, 12, 3},
                            {4, 18},
                            {2, 1, 6, 2, 3}
                          }) {
                        Expect.same(x.reshape(dims), layout.of(x).reshape(dims));
                      }
                    }));
  }

  @Test
  void shouldPermuteAndTranspose() {
    Values x = counting(2, 3, 4);
    Tensor t = x.upload();

    Expect.same(x.permute(2, 0, 1), t.permute(2, 0, 1));
    Expect.same(x.permute(2, 0, 1), t.permute(-1, 0, -2));
    Expect.same(x.permute(0, 2, 1), t.transpose());
    Expect.same(x.permute(2, 1, 0), t.transpose(0, -1));
    Expect.same(x, t.transpose(1, 1));
    Expect.same(counting(), counting().upload().permute());
  }

  @Test
  void shouldBroadcastTo() {
    Values x = counting(3, 1);

    Expect.same(x.broadcastTo(2, 3, 4), x.upload().broadcastTo(2, 3, 4));
    Expect.same(counting().broadcastTo(2, 2), counting().upload().broadcastTo(2, 2));
    Expect.same(counting(1).broadcastTo(0), counting(1).upload().broadcastTo(0));
    Expect.same(x, x.upload().broadcastTo(3, 1));
  }

  @Test
  void shouldSqueezeAndUnsqueeze() {
    Values x = counting(1, 3, 1, 2);
    Tensor t = x.upload();

    Expect.same(x.reshape(3, 2), t.squeeze());
    Expect.same(x.reshape(3, 1, 2), t.squeeze(0));
    Expect.same(x.reshape(3, 2), t.squeeze(0, -2));
    Expect.same(x.reshape(1, 1, 3, 1, 2), t.unsqueeze(0));
    Expect.same(x.reshape(1, 3, 1, 2, 1), t.unsqueeze(-1));
    Expect.same(x.reshape(1, 3, 1, 2, 1), t.unsqueeze(4));
    Expect.same(counting().reshape(1), counting().upload().unsqueeze(0));
  }

  @Test
  void shouldSliceAsNumpyDoes() {
    Tensor x = Tensor.arange(10);

    assertArrayEquals(new long[] {2, 3, 4}, x.slice(0, 2, 5).toLongArray());
    assertArrayEquals(new long[] {7, 8, 9}, x.slice(0, Index.from(-3)).toLongArray());
    assertArrayEquals(new long[] {0, 1}, x.slice(0, Index.to(2)).toLongArray());
    assertArrayEquals(new long[] {0, 3, 6, 9}, x.slice(0, Index.every(3)).toLongArray());
    assertArrayEquals(new long[] {9, 6, 3, 0}, x.slice(0, Index.every(-3)).toLongArray());
    assertArrayEquals(new long[] {8, 6, 4}, x.slice(0, 8, 2, -2).toLongArray());
    assertArrayEquals(new long[] {8, 9}, x.slice(0, 8, 100).toLongArray());
    assertArrayEquals(new long[] {}, x.slice(0, 5, 2).toLongArray());
    assertArrayEquals(new long[] {}, x.slice(0, 100, 200).toLongArray());
    assertArrayEquals(new long[] {9}, x.slice(0, 100, 8, -1).toLongArray());
    assertArrayEquals(new long[] {3}, x.slice(0, 3, 4, Long.MAX_VALUE).toLongArray());
    assertArrayEquals(new long[] {3}, x.slice(0, 3, -20, Long.MIN_VALUE).toLongArray());
    assertArrayEquals(new long[] {9, 8}, x.flip(0).slice(0, 0, 2).toLongArray());
  }

  @Test
  void shouldIndexAsNumpyDoes() {
    Values x = counting(2, 3, 4);
    Tensor t = x.upload();

    Expect.same(x.strided(new long[] {3, 4}, new long[] {4, 1}, 12), t.get(1));
    Expect.same(x.strided(new long[] {4}, new long[] {1}, 20), t.get(-1, 2));
    Expect.same(x.strided(new long[] {}, new long[] {}, 23), t.get(1, 2, 3));
    Expect.same(
        x.strided(new long[] {2, 3}, new long[] {12, 4}, 1),
        t.index(Index.ellipsis(), Index.at(1)));
    Expect.same(
        x.strided(new long[] {2, 1, 4}, new long[] {12, 0, 1}, 8),
        t.index(Index.all(), Index.newAxis(), Index.at(-1)));
    Expect.same(
        x.strided(new long[] {1, 2, 3, 2}, new long[] {0, 12, 4, -2}, 3),
        t.index(Index.newAxis(), Index.ellipsis(), Index.every(-2)));
    Expect.same(x, t.index());
    Expect.same(x, t.index(Index.ellipsis()));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchOracleForRandomIndices() {
    return LongStream.range(0, 20)
        .mapToObj(
            seed ->
                test(
                    "seed " + seed,
                    () -> {
                      for (int i = 0; i < 25; i++) {
                        long s = seed * 1000 + i;
                        scoped(() -> checkRandomIndex(s));
                      }
                    }));
  }

  private static void checkRandomIndex(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    long[] dims = new long[random.nextInt(5)];
    Arrays.setAll(dims, i -> random.nextInt(1, 6));
    Values values = counting(dims);
    Tensor x = Layout.values()[random.nextInt(Layout.values().length)].of(values);
    x = x.contiguous().requiresGrad(true);
    Tensor view = x;
    Values expected = values;
    StringBuilder text = new StringBuilder("seed " + seed + " " + Arrays.toString(dims));
    // A view of a view shows whether offsets and strides compose.
    for (int round = 0; round < 2; round++) {
      IndexOracle oracle = IndexOracle.random(random, expected.dims());
      text.append(oracle.text());
      view = view.index(oracle.terms());
      expected = oracle.apply(expected);
    }
    Expect.same(text.toString(), expected, view);
    Values weights = Samples.whole(DType.F32, seed, 9, expected.dims());
    view.mul(weights.upload()).sum().backward();
    double[] gradient = new double[values.size()];
    for (int i = 0; i < expected.size(); i++) {
      // The elements count themselves: each names the place it came from.
      gradient[(int) expected.real(i)] += weights.real(i);
    }
    Expect.same(
        "gradient, " + text, Values.reals(DType.F32, gradient, dims), x.grad().orElseThrow());
  }

  @Test
  void shouldTakeDiagonals() {
    Values x = counting(3, 4);
    Values cube = counting(2, 3, 4, 3);

    Expect.same(x.strided(new long[] {3}, new long[] {5}, 0), x.upload().diagonal(0, 1));
    Expect.same(x.strided(new long[] {3}, new long[] {5}, 0), x.upload().diagonal(-1, 0));
    Expect.same(
        cube.strided(new long[] {2, 4, 3}, new long[] {36, 3, 13}, 0),
        cube.upload().diagonal(1, 3));
  }

  @Test
  void shouldFlip() {
    Values x = counting(2, 3);

    Expect.same(x.strided(new long[] {2, 3}, new long[] {3, -1}, 2), x.upload().flip(1));
    Expect.same(x.strided(new long[] {2, 3}, new long[] {-3, 1}, 3), x.upload().flip(-2));
  }

  @Test
  void shouldViewConstants() {
    Tensor ones = Tensor.ones(2, 3);

    assertEquals(Shape.of(3, 2), ones.transpose().shape());
    assertArrayEquals(new float[] {1, 1}, ones.get(1).slice(0, 0, 2).toFloatArray());
    assertArrayEquals(new float[] {1, 1}, ones.diagonal(0, 1).toFloatArray());
    assertEquals(4, Tensor.full(2, 1).broadcastTo(2, 1).sum().item(), 0);
  }

  @Test
  void shouldViewDeferredValues() {
    Values x = counting(3, 4);
    Tensor sum = x.upload().add(1);
    Values expected = x.mapReals(v -> v + 1);

    Expect.same(expected.transpose(), sum.transpose());
    Expect.same(expected.reshape(12), sum.flatten());
    Expect.same(expected.strided(new long[] {4}, new long[] {1}, 4), sum.get(1));
  }

  @Test
  void shouldCopyToContiguous() {
    Values x = counting(3, 4);

    for (Layout layout : Layout.values()) {
      Expect.same(x, layout.of(x).contiguous());
    }
  }

  @Test
  void shouldPrintWhatItHolds() {
    String text = Tensor.of(new float[] {1, 2.5f}, 2).toString();

    assertEquals("Tensor(F32 [2], " + dev.quern.Device.current().id() + ") [1.0, 2.5]", text);
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 2, 3, 2);
    Values square = Samples.uniform(DType.F64, 31, -2, 2, 3, 3);
    List<DynamicTest> tests = new ArrayList<>();
    tests.add(test("reshape", () -> GradCheck.check("reshape", t -> t.reshape(4, 3), x)));
    tests.add(
        test(
            "reshape of a transpose",
            () -> GradCheck.check("reshape", t -> t.transpose().reshape(4, 3), x)));
    tests.add(test("flatten", () -> GradCheck.check("flatten", t -> t.flatten(), x)));
    tests.add(test("permute", () -> GradCheck.check("permute", t -> t.permute(2, 0, 1), x)));
    tests.add(test("transpose", () -> GradCheck.check("transpose", t -> t.transpose(), x)));
    tests.add(test("broadcastTo", () -> GradCheck.check("b", t -> t.broadcastTo(2, 2, 3, 2), x)));
    tests.add(
        test(
            "broadcastTo an axis of 1",
            () -> GradCheck.check("b", t -> t.unsqueeze(1).broadcastTo(2, 4, 3, 2), x)));
    tests.add(test("squeeze", () -> GradCheck.check("s", t -> t.unsqueeze(1).squeeze(1), x)));
    tests.add(test("slice", () -> GradCheck.check("slice", t -> t.slice(1, 0, 3, 2), x)));
    tests.add(test("slice back", () -> GradCheck.check("s", t -> t.slice(1, 2, -9, -2), x)));
    tests.add(test("get", () -> GradCheck.check("get", t -> t.get(1, -1), x)));
    tests.add(test("flip", () -> GradCheck.check("flip", t -> t.flip(1), x)));
    tests.add(test("diagonal", () -> GradCheck.check("diagonal", t -> t.diagonal(0, 1), square)));
    tests.add(
        test(
            "contiguous", () -> GradCheck.check("contiguous", t -> t.transpose().contiguous(), x)));
    tests.add(test("index nothing", () -> GradCheck.check("empty", t -> t.slice(1, 2, 2), x)));
    return tests.stream();
  }
}
