package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.Combine;
import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Writing to and reading from places that index tensors name. */
abstract class ScatterTck extends Tck {
  private static final List<DType> TYPES = List.of(DType.F32, DType.F64, DType.I32, DType.I64);

  @TestFactory
  Stream<DynamicTest> shouldScatterElements() {
    return perCase(
        (dtype, combine) -> {
          for (int axis = -3; axis < 3; axis++) {
            for (Layout layout : Layout.values()) {
              checkElements(dtype, combine, axis, layout, 7);
            }
            checkElements(dtype, combine, axis, Layout.CONTIGUOUS, 0);
          }
        });
  }

  private static void checkElements(
      DType dtype, Combine combine, int axis, Layout layout, long count) {
    int a = axis < 0 ? axis + 3 : axis;
    long[] dims = {3, 4, 5};
    long[] updates = dims.clone();
    updates[a] = count;
    Values x = Samples.whole(dtype, 1, 3, dims);
    // More indices than places: some repeat, and some count from the end.
    Values index = Samples.indices(DType.I64, axis, -dims[a], dims[a], updates);
    Values source = Samples.whole(dtype, 2, 3, updates);
    String what = dtype + " " + combine + " axis " + axis + " " + layout;

    Tensor y = layout.of(x).scatter(axis, layout.of(index), layout.of(source), combine);

    double[] expected = doubles(x);
    long[] strides = Values.strides(dims);
    for (int i = 0; i < source.size(); i++) {
      long[] place = source.place(i);
      place[a] = Math.floorMod(index.integer(i), dims[a]);
      int at = 0;
      for (int k = 0; k < 3; k++) {
        at += (int) (place[k] * strides[k]);
      }
      expected[at] = joined(combine, expected[at], doubles(source)[i]);
    }
    Expect.same(what, Values.filled(dtype, expected, dims), y);
  }

  private static double joined(Combine combine, double old, double written) {
    return switch (combine) {
      case REPLACE -> written;
      case ADD -> old + written;
      case MUL -> old * written;
      case MAX -> Math.max(old, written);
      case MIN -> Math.min(old, written);
    };
  }

  private static double[] doubles(Values x) {
    double[] out = new double[x.size()];
    Arrays.setAll(out, i -> x.dtype().isFloat() ? x.real(i) + 0.0 : x.integer(i));
    return out;
  }

  @TestFactory
  Stream<DynamicTest> shouldScatterSlices() {
    return perCase(
        (dtype, combine) -> {
          for (int depth = 0; depth <= 3; depth++) {
            checkSlices(dtype, combine, depth);
          }
        });
  }

  private static void checkSlices(DType dtype, Combine combine, int depth) {
    long[] dims = {3, 4, 5};
    Values x = Samples.whole(dtype, 1, 3, dims);
    Values index = Samples.indices(DType.I32, depth, -3, 3, 2, 3, depth);
    long[] updates = new long[2 + 3 - depth];
    updates[0] = 2;
    updates[1] = 3;
    System.arraycopy(dims, depth, updates, 2, 3 - depth);
    Values source = Samples.whole(dtype, 2, 3, updates);

    Tensor y = x.upload().scatterNd(index.upload(), source.upload(), combine);

    double[] expected = doubles(x);
    int width = source.size() / 6;
    for (int tuple = 0; tuple < 6; tuple++) {
      int start = start(index, tuple, depth, dims);
      for (int i = 0; i < width; i++) {
        double written = doubles(source)[tuple * width + i];
        expected[start + i] = joined(combine, expected[start + i], written);
      }
    }
    Expect.same(dtype + " " + combine + " depth " + depth, Values.filled(dtype, expected, dims), y);
  }

  private static int start(Values index, int tuple, int depth, long... dims) {
    long[] strides = Values.strides(dims);
    int start = 0;
    for (int k = 0; k < depth; k++) {
      long at = Math.floorMod(index.integer(tuple * depth + k), dims[k]);
      start += (int) (at * strides[k]);
    }
    return start;
  }

  @Test
  void shouldGatherSlices() {
    for (DType dtype : DType.values()) {
      for (int depth = 0; depth <= 3; depth++) {
        Values x = Samples.whole(dtype, 4, 9, 3, 4, 5);
        Values index = Samples.indices(DType.I64, depth, -3, 3, 2, 3, depth);
        long[] dims = new long[2 + 3 - depth];
        dims[0] = 2;
        dims[1] = 3;
        System.arraycopy(x.dims(), depth, dims, 2, 3 - depth);
        int width = Values.count(dims) / 6;
        int names = depth;

        Tensor y = x.upload().gatherNd(index.upload(), 0);

        Expect.same(
            dtype + " " + depth,
            x.pick(dims, i -> start(index, i / width, names, 3, 4, 5) + i % width),
            y);
      }
    }
  }

  @Test
  void shouldGatherSlicesInBatches() {
    Values x = Samples.whole(DType.F32, 4, 9, 2, 3, 4);
    Values index = Samples.indices(DType.I64, 1, -3, 3, 2, 5, 1);

    Tensor y = x.upload().gatherNd(index.upload(), 1);

    Values expected =
        x.pick(
            new long[] {2, 5, 4},
            i -> i / 20 * 12 + (int) Math.floorMod(index.integer(i / 4), 3L) * 4 + i % 4);
    Expect.same(expected, y);
  }

  @Test
  void shouldKeepNanInfinitiesAndSignsOfZero() {
    double[] special = {Double.NaN, -0.0, Double.NEGATIVE_INFINITY};
    Values source = Values.reals(DType.F32, special, 3);

    Tensor y = Tensor.ones(4).scatter(0, Tensor.of(new int[] {2, 0, 3}, 3), source.upload());

    double[] expected = {-0.0, 1, Double.NaN, Double.NEGATIVE_INFINITY};
    Expect.same(Values.reals(DType.F32, expected, 4), y);
  }

  @Test
  void shouldRefuseIndicesOutOfRange() {
    Tensor x = Tensor.zeros(2, 3);
    for (Combine combine : Combine.values()) {
      for (int wrong : new int[] {3, -4}) {
        Tensor index = Tensor.of(new int[] {0, wrong}, 2, 1);

        assertThrows(
            IndexOutOfBoundsException.class,
            () -> x.scatter(1, index, Tensor.ones(2, 1), combine).toFloatArray());
        assertThrows(
            IndexOutOfBoundsException.class,
            () -> x.scatterNd(index, Tensor.ones(2, 3), combine).toFloatArray());
      }
    }
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> x.gatherNd(Tensor.of(new int[] {0, 3}, 2), 0).toFloatArray());
  }

  @Test
  void shouldNameWhatDoesNotFit() {
    Tensor x = Tensor.zeros(2, 3);
    Tensor index = Tensor.zeros(DType.I64, 2, 1);
    Tensor wide = Tensor.zeros(DType.I64, 2, 3);

    assertMessage("scatter: index and source", () -> x.scatter(1, index, Tensor.ones(2, 2)));
    assertMessage("scatter: index and source", () -> x.scatter(0, index, Tensor.ones(2, 1)));
    assertMessage("scatter: index must be", () -> x.scatter(1, x, x));
    assertMessage("scatter: source and target", () -> x.scatter(1, wide, wide));
    assertMessage(
        "scatterNd: source must be [2, 3]", () -> x.scatterNd(index, Tensor.ones(2), Combine.ADD));
    assertMessage("gatherNd: index [2, 3] names more", () -> x.gatherNd(wide, 0));
    assertMessage(
        "gatherNd: the first 1 axes differ", () -> x.gatherNd(Tensor.zeros(DType.I64, 3, 1), 1));
  }

  private static void assertMessage(String start, Runnable body) {
    String message = assertThrows(IllegalArgumentException.class, body::run).getMessage();
    assertEquals(start, message.substring(0, Math.min(start.length(), message.length())));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 4);
    Values source = Samples.uniform(DType.F64, 32, -2, 2, 3, 5);
    Values index = Samples.indices(DType.I64, 33, -4, 4, 3, 5);
    Values tuples = Samples.indices(DType.I64, 34, -3, 3, 5, 1);
    Values rows = Samples.uniform(DType.F64, 35, -2, 2, 5, 4);
    return Stream.of(Combine.values())
        .flatMap(
            c ->
                Stream.of(
                    test(
                        "elements " + c,
                        () ->
                            GradCheck.checkAll(
                                "scatter",
                                t -> t[0].scatter(1, index.upload(), t[1], c),
                                x,
                                source)),
                    test(
                        "slices " + c,
                        () ->
                            GradCheck.checkAll(
                                "scatterNd",
                                t -> t[0].scatterNd(tuples.upload(), t[1], c),
                                x,
                                rows)),
                    test(
                        "gather " + c,
                        () ->
                            GradCheck.check("gatherNd", t -> t.gatherNd(tuples.upload(), 0), x))));
  }

  /** What is checked for one type and one way of joining. */
  private interface Body {
    void run(DType dtype, Combine combine);
  }

  private static Stream<DynamicTest> perCase(Body body) {
    return TYPES.stream()
        .flatMap(
            dtype ->
                Stream.of(Combine.values())
                    .map(c -> test(dtype + " " + c, () -> body.run(dtype, c))));
  }
}
