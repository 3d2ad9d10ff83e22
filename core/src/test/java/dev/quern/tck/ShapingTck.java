package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.DType;
import dev.quern.PadMode;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Padding, repeating, splitting, triangles and moved axes. */
abstract class ShapingTck extends Tck {
  private static final long[] DIMS = {3, 4, 2};

  /** Checks a function of a tensor against one from each place of the result to its value. */
  private static Stream<DynamicTest> perType(
      Function<Tensor, Tensor> function, Function<Values, ToDoubleFunction<long[]>> oracle) {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (Layout layout : Layout.values()) {
                        Values x = Samples.whole(dtype, 3, 9, DIMS);

                        Tensor y = function.apply(layout.of(x));

                        Expect.same(layout.toString(), computed(dtype, oracle.apply(x), y), y);
                      }
                    }));
  }

  private static Values computed(DType dtype, ToDoubleFunction<long[]> value, Tensor like) {
    long[] dims = like.shape().dims();
    double[] out = new double[Values.count(dims)];
    Values places = Values.of(out.clone(), dims);
    for (int i = 0; i < out.length; i++) {
      out[i] = value.applyAsDouble(places.place(i));
    }
    return Values.filled(dtype, out, dims);
  }

  private static double at(Values x, long... place) {
    long[] strides = Values.strides(x.dims());
    int i = 0;
    for (int axis = 0; axis < place.length; axis++) {
      if (place[axis] < 0 || place[axis] >= x.dim(axis)) {
        return Double.NaN;
      }
      i += (int) (place[axis] * strides[axis]);
    }
    return x.dtype().isFloat() ? x.real(i) : x.integer(i);
  }

  @TestFactory
  Stream<DynamicTest> shouldPadWithAConstantOrCrop() {
    return perType(
        t -> t.pad(new long[] {1, -1, 0}, new long[] {2, 3, -1}, 1),
        x ->
            p -> {
              double v = at(x, p[0] - 1, p[1] + 1, p[2]);
              return Double.isNaN(v) ? 1 : v;
            });
  }

  @TestFactory
  Stream<DynamicTest> shouldPadByTheNearest() {
    return perType(
        t -> t.pad(new long[] {4, 0, 1}, new long[] {2, 5, 0}, PadMode.EDGE),
        x -> p -> at(x, clamp(p[0] - 4, 3), clamp(p[1], 4), clamp(p[2] - 1, 2)));
  }

  private static long clamp(long at, long n) {
    return Math.max(0, Math.min(n - 1, at));
  }

  @TestFactory
  Stream<DynamicTest> shouldPadByReflection() {
    // 0 1 2 3 reflected: .. 2 1 | 0 1 2 3 | 2 1 0 1 ..
    long[] mirrored = {1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1, 0, 1};
    return perType(
        t -> t.pad(new long[] {0, 5, 0}, new long[] {0, 4, 0}, PadMode.REFLECT),
        x -> p -> at(x, p[0], mirrored[(int) p[1]], p[2]));
  }

  @TestFactory
  Stream<DynamicTest> shouldPadFromTheOtherEnd() {
    return perType(
        t -> t.pad(new long[] {4, 0, 3}, new long[] {2, 5, 0}, PadMode.WRAP),
        x -> p -> at(x, (p[0] - 4 + 6) % 3, p[1] % 4, (p[2] - 3 + 4) % 2));
  }

  @TestFactory
  Stream<DynamicTest> shouldTile() {
    return perType(t -> t.tile(2, 1, 3), x -> p -> at(x, p[0] % 3, p[1], p[2] % 2));
  }

  @TestFactory
  Stream<DynamicTest> shouldKeepTheLowerTriangle() {
    return Stream.of(-2, 0, 1, 9)
        .flatMap(
            d ->
                perType(
                    t -> t.moveAxis(0, -1).tril(d),
                    x -> p -> p[2] - p[1] <= d ? at(x, p[2], p[0], p[1]) : 0));
  }

  @TestFactory
  Stream<DynamicTest> shouldKeepTheUpperTriangle() {
    return Stream.of(-2, 0, 1, 9)
        .flatMap(d -> perType(t -> t.triu(d), x -> p -> p[2] - p[1] >= d ? at(x, p) : 0));
  }

  @TestFactory
  Stream<DynamicTest> shouldMoveAxes() {
    return Stream.concat(
        perType(t -> t.moveAxis(-1, 0), x -> p -> at(x, p[1], p[2], p[0])),
        perType(t -> t.moveAxis(0, 1), x -> p -> at(x, p[1], p[0], p[2])));
  }

  @TestFactory
  Stream<DynamicTest> shouldSplit() {
    return perType(
        t -> Tensor.concat(1, t.split(1, 1, 0, 3).get(2), t.split(-2, 1, 3).get(0)),
        x -> p -> at(x, p[0], (p[1] + 1) % 4, p[2]));
  }

  @Test
  void shouldMakeChunks() {
    assertEquals(List.of(2L, 2L, 1L), extents(5, 3));
    assertEquals(List.of(2L, 2L, 1L, 0L), extents(5, 4));
    assertEquals(List.of(0L, 0L), extents(0, 2));
    assertEquals(List.of(5L), extents(5, 1));
  }

  private static List<Long> extents(long n, int parts) {
    return Tensor.zeros(2, n).chunk(1, parts).stream().map(part -> part.dim(1)).toList();
  }

  @Test
  void shouldNameWhatDoesNotFit() {
    Tensor x = Tensor.zeros(2, 3);
    Tensor empty = Tensor.zeros(0, 3);

    assertMessage("pad: one amount", () -> x.pad(new long[1], new long[2], 0));
    assertMessage("pad: amounts -2 and -2", () -> crop(x));
    assertMessage("pad: axis 0 is empty", () -> extend(empty));
    assertMessage("tile: one count for each axis", () -> x.tile(2));
    assertMessage("tile: a count is negative", () -> x.tile(2, -1));
    assertMessage("split: sizes [1, 1]", () -> x.split(1, 1, 1));
    assertMessage("split: sizes [4, -1]", () -> x.split(1, 4, -1));
    assertMessage("chunk: parts must be positive", () -> x.chunk(1, 0));
    assertMessage("tril: needs at least two axes", () -> Tensor.zeros(3).tril(0));
    assertMessage("moveAxis: ", () -> x.moveAxis(2, 0));
  }

  private static Tensor crop(Tensor x) {
    return x.pad(new long[] {0, -2}, new long[] {0, -2}, 0);
  }

  private static Tensor extend(Tensor x) {
    return x.pad(new long[] {1, 0}, new long[] {0, 0}, PadMode.EDGE);
  }

  private static void assertMessage(String start, Runnable body) {
    String message = assertThrows(IllegalArgumentException.class, body::run).getMessage();
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
  }

  @Test
  void shouldTakeEmptyShapes() {
    assertArrayEquals(new long[] {0, 6}, Tensor.zeros(0, 3).tile(1, 2).shape().dims());
    assertArrayEquals(new long[] {0, 3}, Tensor.zeros(2, 3).tile(0, 1).shape().dims());
    assertEquals(0, Tensor.zeros(2, 0, 3).tril(0).size());
    Tensor padded = Tensor.zeros(0).pad(new long[] {2}, new long[] {1}, 7);
    assertArrayEquals(new float[] {7, 7, 7}, padded.toFloatArray());
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 4);
    long[] before = {2, -1};
    long[] after = {0, 3};
    List<Function<Tensor, Tensor>> functions =
        List.of(
            t -> t.pad(before, after, 1),
            t -> t.pad(before, after, PadMode.REFLECT),
            t -> t.pad(before, after, PadMode.EDGE),
            t -> t.tile(2, 3),
            t -> t.tril(1),
            t -> t.moveAxis(0, 1),
            t -> t.split(1, 1, 3).get(1));
    return functions.stream()
        .map(f -> test("gradient " + functions.indexOf(f), () -> GradCheck.check("shape", f, x)));
  }

  @Test
  void shouldKeepWhatIsNotPadded() {
    Values x = Samples.whole(DType.F32, 1, 9, 2, 2);

    Tensor y = x.upload().pad(new long[2], new long[2], 0);

    Expect.same(Arrays.toString(x.dims()), x, y);
  }
}
