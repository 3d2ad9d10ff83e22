package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Shape;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** Joining tensors, and picking elements by index tensors. */
abstract class PickTck extends Tck {
  private static final List<DType> INDEX_TYPES = List.of(DType.I32, DType.I64);

  @TestFactory
  Stream<DynamicTest> shouldConcatenate() {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (int axis = -3; axis < 3; axis++) {
                        for (Layout layout : Layout.values()) {
                          checkConcat(dtype, axis, layout, 2, 1, 3);
                          checkConcat(dtype, axis, layout, 0, 2, 0);
                        }
                        checkConcat(dtype, axis, Layout.CONTIGUOUS, 5);
                        checkConcat(dtype, axis, Layout.CONTIGUOUS, 0, 0);
                      }
                    }));
  }

  private static void checkConcat(DType dtype, int axis, Layout layout, int... extents) {
    int a = axis < 0 ? axis + 3 : axis;
    Values[] parts = new Values[extents.length];
    Tensor[] tensors = new Tensor[extents.length];
    for (int i = 0; i < parts.length; i++) {
      long[] dims = {2, 3, 4};
      dims[a] = extents[i];
      parts[i] = Samples.whole(dtype, i, 9, dims);
      tensors[i] = layout.of(parts[i]);
    }
    String what = "concat " + axis + " " + Arrays.toString(extents) + " " + layout;
    Expect.same(what, concat(a, parts), Tensor.concat(axis, tensors));
  }

  private static Values concat(int axis, Values... parts) {
    long[] dims = parts[0].dims();
    dims[axis] = 0;
    for (Values part : parts) {
      dims[axis] += part.dim(axis);
    }
    double[] out = new double[Values.count(dims)];
    long[] strides = Values.strides(dims);
    long start = 0;
    for (Values part : parts) {
      for (int i = 0; i < part.size(); i++) {
        long[] place = part.place(i);
        place[axis] += start;
        long at = 0;
        for (int k = 0; k < place.length; k++) {
          at += place[k] * strides[k];
        }
        out[(int) at] = part.real(i);
      }
      start += part.dim(axis);
    }
    return Values.filled(parts[0].dtype(), out, dims);
  }

  @Test
  void shouldPromoteWhenConcatenating() {
    Tensor y = Tensor.concat(0, Tensor.of(new int[] {1, 2}, 2), Tensor.of(new double[] {0.5}, 1));

    Expect.same(Values.of(new double[] {1, 2, 0.5}, 3), y);
  }

  @Test
  void shouldConcatenateOneTensorWithItself() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);

    assertArrayEquals(new float[] {1, 2, 1, 2}, Tensor.concat(0, x, x).toFloatArray());
  }

  @Test
  void shouldStack() {
    Values a = Samples.whole(DType.F32, 1, 9, 2, 3);
    Values b = Samples.whole(DType.F32, 2, 9, 2, 3);
    for (int axis = 0; axis < 3; axis++) {
      long[] dims = {2, 3, 0};
      System.arraycopy(dims, axis, dims, axis + (axis < 2 ? 1 : 0), axis < 2 ? 2 - axis : 0);
      dims[axis] = 1;
      Values expected = concat(axis, a.reshape(dims.clone()), b.reshape(dims.clone()));

      Expect.same(expected, Tensor.stack(axis, a.upload(), b.upload()));
      Expect.same(expected, Tensor.stack(axis - 3, a.upload(), b.upload()));
    }
    assertArrayEquals(
        new float[] {3, 4}, Tensor.stack(0, Tensor.scalar(3), Tensor.scalar(4)).toFloatArray());
  }

  @TestFactory
  Stream<DynamicTest> shouldGather() {
    return Stream.of(DType.values())
        .map(
            dtype ->
                test(
                    dtype.toString(),
                    () -> {
                      for (DType index : INDEX_TYPES) {
                        for (Layout layout : Layout.values()) {
                          for (int axis = 0; axis < 3; axis++) {
                            long[] dims = {2, 3, 4};
                            dims[axis] = 5;
                            checkGather(dtype, index, layout, axis, new long[] {2, 3, 4}, dims);
                          }
                          checkGather(dtype, index, layout, 0, new long[] {7}, new long[] {9});
                          checkGather(
                              dtype, index, layout, 1, new long[] {2, 3}, new long[] {2, 0});
                          checkGather(
                              dtype, index, layout, 1, new long[] {0, 3}, new long[] {0, 2});
                        }
                        // Other axes broadcast, both ways.
                        checkGather(
                            dtype,
                            index,
                            Layout.CONTIGUOUS,
                            1,
                            new long[] {4, 3},
                            new long[] {1, 2});
                        checkGather(
                            dtype,
                            index,
                            Layout.CONTIGUOUS,
                            0,
                            new long[] {3, 1},
                            new long[] {2, 5});
                      }
                      checkGather(
                          dtype,
                          DType.I64,
                          Layout.CONTIGUOUS,
                          1,
                          new long[] {300, 17},
                          new long[] {300, 40});
                    }));
  }

  private static void checkGather(
      DType dtype, DType indexType, Layout layout, int axis, long[] dims, long[] indexDims) {
    Values x = Samples.whole(dtype, 1, 99, dims);
    Values index = Samples.indices(indexType, 2, -dims[axis], dims[axis], indexDims);
    scoped(
        () -> {
          Tensor y = layout.of(x).gather(axis, layout.of(index));
          Expect.same("gather " + Arrays.toString(dims) + layout, gather(axis, x, index), y);
        });
  }

  private static Values gather(int axis, Values x, Values index) {
    long[] like = x.dims();
    long[] dims = index.dims();
    for (int i = 0; i < dims.length; i++) {
      if (i != axis) {
        dims[i] = like[i] = Math.max(like[i], dims[i]) * Math.min(1, Math.min(like[i], dims[i]));
      }
    }
    Values source = x.broadcastTo(like);
    Values at = index.broadcastTo(dims);
    long[] strides = Values.strides(like);
    return source.pick(
        dims,
        i -> {
          long[] place = at.place(i);
          long position = at.integer(i);
          place[axis] = position < 0 ? position + like[axis] : position;
          long flat = 0;
          for (int k = 0; k < place.length; k++) {
            flat += place[k] * strides[k];
          }
          return (int) flat;
        });
  }

  @Test
  void shouldSelectByIndex() {
    Values x = Samples.whole(DType.F32, 1, 99, 3, 4);
    for (DType type : INDEX_TYPES) {
      Tensor index = Values.integers(type, new long[] {2, 0, -1, 2}, 4).upload();

      Expect.same(
          gather(0, x, Values.integers(type, new long[] {2, 0, 2, 2}, 4, 1).broadcastTo(4, 4)),
          x.upload().indexSelect(0, index));
      Tensor square = index.reshape(2, 2);
      assertArrayEquals(new long[] {3, 2, 2}, x.upload().indexSelect(1, square).shape().dims());
      Expect.same(
          Values.read(x.upload().indexSelect(-1, Tensor.of(new long[] {2, 0, 3, 2}, 4)))
              .reshape(3, 2, 2),
          x.upload().indexSelect(1, square));
    }
  }

  @Test
  void shouldSelectWithScalarAndEmptyIndex() {
    Tensor x = Samples.whole(DType.F32, 1, 99, 3, 4).upload();

    assertArrayEquals(new long[] {4}, x.indexSelect(0, Tensor.scalar(DType.I64, 1)).shape().dims());
    assertArrayEquals(
        new long[] {3, 0}, x.indexSelect(1, Tensor.zeros(DType.I64, 0)).shape().dims());
    Expect.same(Values.read(x.get(1)), x.indexSelect(0, Tensor.scalar(DType.I32, -2)));
  }

  @Test
  void shouldRefuseIndexOutOfRange() {
    Tensor x = Samples.whole(DType.F32, 1, 99, 3, 4).upload();

    for (long bad : new long[] {4, -5, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
      Tensor index = Tensor.of(new long[] {0, bad, 1}, 3, 1);
      IndexOutOfBoundsException gather =
          assertThrows(IndexOutOfBoundsException.class, () -> finish(x.gather(1, index)));
      IndexOutOfBoundsException select =
          assertThrows(
              IndexOutOfBoundsException.class, () -> finish(x.indexSelect(1, index.squeeze())));
      assertTrue(gather.getMessage().contains("gather"), gather.getMessage());
      assertTrue(select.getMessage().contains("indexSelect"), select.getMessage());
    }
  }

  @Test
  void shouldRefuseIndexOutOfRangeThatPicksNothing() {
    Tensor rows = Tensor.zeros(0, 3);
    Tensor columns = Tensor.zeros(3, 0);
    Tensor bad = Tensor.of(new long[] {2, 7}, 2);

    for (Executable pick :
        List.<Executable>of(
            () -> finish(rows.indexSelect(1, bad)),
            () -> finish(columns.indexSelect(0, bad.cast(DType.I32))),
            () -> finish(rows.gather(1, bad.reshape(1, 2))),
            () -> finish(columns.gather(0, bad.reshape(2, 1))))) {
      IndexOutOfBoundsException refusal = assertThrows(IndexOutOfBoundsException.class, pick);
      assertTrue(
          refusal.getMessage().contains("index 7 is out of range [0, 3)"), refusal.getMessage());
    }
  }

  @Test
  void shouldSayWhereAnIndexIsOutOfRange() {
    Tensor x = Tensor.zeros(4, 3);
    Tensor column = Tensor.of(new long[] {0, 1, 5, 2}, 4, 1);
    Tensor row = Tensor.of(new long[] {0, -5, 2}, 1, 3);

    String inColumn =
        assertThrows(IndexOutOfBoundsException.class, () -> finish(x.gather(1, column)))
            .getMessage();
    String inRow =
        assertThrows(IndexOutOfBoundsException.class, () -> finish(x.gather(0, row))).getMessage();

    assertTrue(inColumn.endsWith("index 5 is out of range [0, 3) at [2, 0]"), inColumn);
    assertTrue(inRow.endsWith("index -5 is out of range [0, 4) at [0, 1]"), inRow);
  }

  @Test
  void shouldPickNothing() {
    Tensor rows = Tensor.zeros(0, 3);
    Tensor good = Tensor.of(new long[] {2, -3}, 2);

    assertEquals(Shape.of(0, 2), rows.indexSelect(1, good).realize().shape());
    assertEquals(Shape.of(0, 2), rows.gather(1, good.reshape(1, 2)).realize().shape());
    assertEquals(Shape.of(0, 0), rows.indexSelect(1, Tensor.zeros(DType.I64, 0)).shape());
    Device.current().synchronize();
  }

  private static void finish(Tensor tensor) {
    tensor.toFloatArray();
    Device.current().synchronize();
  }

  @Test
  void shouldWorkAfterIndexOutOfRange() {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
    assertThrows(
        IndexOutOfBoundsException.class, () -> finish(x.gather(0, Tensor.of(new long[] {3}, 1))));

    assertArrayEquals(new float[] {3}, x.gather(0, Tensor.of(new long[] {2}, 1)).toFloatArray());
  }

  @Test
  void shouldEncodeOneHot() {
    Tensor labels = Tensor.of(new int[] {1, 0, 3, -1}, 2, 2);

    Expect.same(
        Values.reals(DType.F32, new double[] {0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0}, 2, 2, 3),
        labels.oneHot(3));
    assertEquals(DType.F64, labels.oneHot(3, DType.F64).dtype());
    assertArrayEquals(new long[] {2, 2, 0}, labels.oneHot(0).shape().dims());
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    Values x = Samples.uniform(DType.F64, 31, -2, 2, 3, 4);
    Values y = Samples.uniform(DType.F64, 32, -2, 2, 3, 2);
    // Repeated indices add up.
    Values index = Values.integers(DType.I64, new long[] {0, 0, -1, 1, 1, 1, 2, 3, 2}, 3, 3);
    Values vector = Values.integers(DType.I32, new long[] {2, 2, 0, -1, 2}, 5);
    return Stream.of(
        test("concat", () -> GradCheck.checkAll("concat", t -> Tensor.concat(1, t), x, y, x)),
        test("stack", () -> GradCheck.checkAll("stack", t -> Tensor.stack(1, t), x, x)),
        test("gather", () -> GradCheck.checkAll("gather", t -> t[0].gather(1, t[1]), x, index)),
        test(
            "gather from a transpose",
            () -> GradCheck.checkAll("gather", t -> t[0].transpose().gather(0, t[1]), x, index)),
        test(
            "gather broadcast",
            () -> GradCheck.checkAll("gather", t -> t[0].gather(1, t[1].slice(0, 0, 1)), x, index)),
        test(
            "indexSelect",
            () -> GradCheck.checkAll("indexSelect", t -> t[0].indexSelect(0, t[1]), x, vector)),
        test(
            "indexSelect columns",
            () -> GradCheck.checkAll("indexSelect", t -> t[0].indexSelect(1, t[1]), x, vector)));
  }

  @Test
  void shouldAddRepeatedIndicesInOrderOfBits() {
    int n = 1000;
    Values x = Samples.uniform(DType.F32, 3, -1, 1, 7);
    Values index = Samples.indices(DType.I64, 4, 0, 7, n);
    Values weights = Samples.uniform(DType.F32, 5, -1, 1, n);
    float[] expected = new float[7];
    for (int i = 0; i < n; i++) {
      expected[(int) index.integer(i)] += (float) weights.real(i);
    }

    Tensor t = x.upload().requiresGrad(true);
    t.gather(0, index.upload()).mul(weights.upload()).sum().backward();

    assertArrayEquals(expected, t.grad().orElseThrow().toFloatArray());
  }
}
