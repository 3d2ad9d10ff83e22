package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Shape;
import dev.quern.Tensor;
import org.junit.jupiter.api.Test;

/** Making and reading tensors. */
abstract class CreationTck extends Tck {
  @Test
  void shouldMakeOnCurrentDevice() {
    assertSame(Device.current(), Tensor.of(1, 2).device());
    assertSame(Device.current(), Tensor.zeros(2).device());
    assertSame(Device.current(), Tensor.rand(2).device());
  }

  @Test
  void shouldHoldEveryType() {
    for (DType dtype : DType.values()) {
      for (long n : new long[] {0, 1, 31, 65537}) {
        Values values = Samples.random(dtype, n, r -> r.nextDouble(-1, 1), n);

        Expect.same(dtype + " " + n, values, values.upload());
      }
    }
  }

  @Test
  void shouldKeepEveryBitOfSpecialValues() {
    for (DType dtype : new DType[] {DType.F32, DType.F64}) {
      double[] special = Samples.special(dtype);

      Expect.same(
          Values.reals(dtype, special, special.length),
          Values.reals(dtype, special, special.length).upload());
    }
  }

  @Test
  void shouldDescribeShape() {
    Tensor x = Tensor.zeros(DType.F64, 2, 3, 4);

    assertEquals(Shape.of(2, 3, 4), x.shape());
    assertEquals(3, x.rank());
    assertEquals(24, x.size());
    assertEquals(4, x.dim(-1));
    assertEquals(DType.F64, x.dtype());
    assertEquals(0, Tensor.scalar(1).rank());
    assertEquals(1, Tensor.scalar(1).size());
  }

  @Test
  void shouldFill() {
    assertArrayEquals(new float[] {0, 0}, Tensor.zeros(2).toFloatArray());
    assertArrayEquals(new float[] {1, 1}, Tensor.ones(2).toFloatArray());
    assertArrayEquals(new int[] {-7, -7}, Tensor.full(DType.I32, -7, 2).toIntArray());
    assertArrayEquals(new boolean[] {true}, Tensor.ones(DType.BOOL, 1).toBooleanArray());
    assertEquals(Double.NaN, Tensor.full(Double.NaN, 1).item());
    assertEquals(1L << 62, Tensor.full(DType.I64, 1L << 62, 1).itemLong());
    assertEquals(0.1f, Tensor.full(0.1, 1).item(), 0);
    assertEquals(0.1, Tensor.full(DType.F64, 0.1, 1).item(), 0);
    assertEquals(65537, Tensor.ones(65537).sum().item(), 0);
  }

  @Test
  void shouldFillLikeAnother() {
    Tensor x = Tensor.of(new double[] {3, 4}, 2, 1);

    Expect.same(Values.of(new double[] {0, 0}, 2, 1), x.zerosLike());
    Expect.same(Values.of(new double[] {1, 1}, 2, 1), x.onesLike());
  }

  @Test
  void shouldCount() {
    assertArrayEquals(new long[] {0, 1, 2}, Tensor.arange(3).toLongArray());
    assertArrayEquals(new long[] {5, 3, 1}, Tensor.arange(5, 0, -2).toLongArray());
    assertArrayEquals(new long[] {}, Tensor.arange(-3).toLongArray());
    assertArrayEquals(new long[] {}, Tensor.arange(5, 0, 1).toLongArray());
    assertArrayEquals(
        new float[] {0, 0.1f, 0.2f}, Tensor.arange(0, 0.3 - 1e-9, 0.1).toFloatArray());
    assertArrayEquals(new float[] {1, 0.5f}, Tensor.arange(1.0, 0.0, -0.5).toFloatArray());
  }

  @Test
  void shouldMakeIdentity() {
    Expect.same(
        Values.reals(DType.F32, new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3, 3), Tensor.eye(3));
    assertEquals(DType.I64, Tensor.eye(DType.I64, 2).dtype());
    assertEquals(0, Tensor.eye(0).size());
  }

  @Test
  void shouldTakeRows() {
    Tensor x = Tensor.of(new float[][] {{1, 2}, {3, 4}, {5, 6}});

    Expect.same(Values.reals(DType.F32, new double[] {1, 2, 3, 4, 5, 6}, 3, 2), x);
    assertEquals(Shape.of(0, 0), Tensor.of(new float[0][]).shape());
  }

  @Test
  void shouldReadAsOtherTypes() {
    Tensor x = Tensor.of(new float[] {1.9f, -0.5f, 0}, 3);

    assertArrayEquals(new int[] {1, 0, 0}, x.toIntArray());
    assertArrayEquals(new long[] {1, 0, 0}, x.toLongArray());
    assertArrayEquals(new boolean[] {true, true, false}, x.toBooleanArray());
    assertArrayEquals(new double[] {1.9f, -0.5f, 0}, x.toDoubleArray());
    assertEquals(1, Tensor.scalar(1.9).itemLong());
  }

  @Test
  void shouldMoveBetweenDevices() {
    Device other = Device.on(new FaultyBackend(Modes.backend()));
    Values values = Samples.uniform(DType.F32, 1, -1, 1, 3, 5);

    Tensor there = Layout.TRANSPOSED.of(values).to(other);

    assertSame(other, there.device());
    Expect.same(values, there);
    Expect.same(values, there.exp().log().to(Device.current()).mul(0).add(values.upload()));
  }

  @Test
  void shouldPrintShapesAndValues() {
    String prefix = "Tensor(I64 [2, 2], " + Device.current().id() + ") ";

    assertEquals(
        prefix + "[[1, 2],\n [3, 4]]", Tensor.of(new long[] {1, 2, 3, 4}, 2, 2).toString());
    assertEquals(
        "Tensor(BOOL [], " + Device.current().id() + ") true",
        Tensor.of(new boolean[] {true}).toString());
    assertEquals(true, Tensor.zeros(100, 100).toString().length() < 1000);
    assertEquals(true, Tensor.zeros(0, 3).toString().endsWith("[]"));
  }

  @Test
  void shouldCountExactlyInRangesThatNoDoubleHolds() {
    long start = (1L << 53) + 1;

    assertArrayEquals(
        new long[] {start, start + 1, start + 2}, Tensor.arange(start, start + 3, 1).toLongArray());
    assertEquals(3, Tensor.arange(Long.MAX_VALUE - 3, Long.MAX_VALUE, 1).size());
    assertEquals(2, Tensor.arange(0, -3, -2).size());
    assertEquals(0, Tensor.arange(3, 0, 2).size());
  }
}
