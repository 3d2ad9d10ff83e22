package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Conversions between all pairs of types. */
abstract class CastTck extends Tck {
  /** The table ops that are tested here and not in OpRows. */
  static final Set<Op> COVERED = Set.of(Op.CAST);

  @TestFactory
  Stream<DynamicTest> shouldConvertBetweenAllTypes() {
    List<DynamicTest> tests = new ArrayList<>();
    for (DType from : DType.values()) {
      for (DType to : DType.values()) {
        tests.add(test(from + " to " + to, () -> check(from, to)));
      }
    }
    return tests.stream();
  }

  private static void check(DType from, DType to) {
    List<Values> inputs = new ArrayList<>();
    inputs.add(specials(from));
    for (long size : new long[] {0, 1, 31, 33, 257, 65537}) {
      inputs.add(samples(from, size));
    }
    for (Values input : inputs) {
      for (Layout layout : Layout.values()) {
        if (input.size() > 1000 && layout.ordinal() > Layout.EVERY_OTHER.ordinal()) {
          continue;
        }
        String what = layout + " " + Arrays.toString(input.dims());
        scoped(() -> Expect.same(what, input.cast(to), layout.of(input).cast(to)));
      }
    }
  }

  private static Values specials(DType dtype) {
    if (!dtype.isFloat()) {
      long[] values = Samples.specialIntegers(dtype);
      return Values.integers(dtype, values, values.length);
    }
    double[] values = Samples.special(dtype);
    return Values.reals(dtype, values, values.length);
  }

  private static Values samples(DType dtype, long size) {
    return Samples.random(
        dtype,
        size,
        r -> Math.scalb(r.nextDouble() * (r.nextBoolean() ? 1 : -1), r.nextInt(-40, 70)),
        size);
  }

  @Test
  void shouldSaturateAndTruncate() {
    Tensor x = Tensor.of(new float[] {1.9f, -1.9f, 3e9f, -3e9f, Float.NaN}, 5);

    assertArrayEquals(new int[] {1, -1, Integer.MAX_VALUE, Integer.MIN_VALUE, 0}, x.toIntArray());
  }

  @Test
  void shouldRoundLongToFloatOnce() {
    // Through a double this would round to a tie first, and then to even.
    Tensor x = Tensor.of(new long[] {(1L << 60) + (1L << 36) + 1}, 1);

    assertEquals((float) ((1L << 60) + (1L << 36) + 1), x.cast(DType.F32).item(), 0);
  }

  @Test
  void shouldReadLongsExactly() {
    long value = (1L << 53) + 1;

    assertEquals(value, Tensor.of(new long[] {value}, 1).itemLong());
  }

  @Test
  void shouldPassGradientThroughCast() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);

    x.cast(DType.F64).square().sum().backward();

    Tensor gradient = x.grad().orElseThrow();
    assertEquals(DType.F32, gradient.dtype());
    assertArrayEquals(new float[] {2, 4}, gradient.toFloatArray());
  }
}
