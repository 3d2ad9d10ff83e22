package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import org.junit.jupiter.api.Test;

/** The one mutation: other tensors never notice. */
abstract class AssignTck extends Tck {
  private static Tensor vector(float... values) {
    return Tensor.of(values, values.length);
  }

  @Test
  void shouldReplaceElements() {
    Tensor x = vector(1, 2);

    assertSame(x, x.assign(vector(3, 4)));

    assertArrayEquals(new float[] {3, 4}, x.toFloatArray());
  }

  @Test
  void shouldBroadcastValue() {
    Tensor x = Tensor.zeros(2, 2);

    x.assign(vector(3, 4));

    assertArrayEquals(new float[] {3, 4, 3, 4}, x.toFloatArray());
  }

  @Test
  void shouldKeepViewsMadeBefore() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor view = x.transpose();
    Tensor row = x.get(0);
    Tensor same = x.detach();

    x.assign(x.mul(10));

    assertArrayEquals(new float[] {10, 20, 30, 40}, x.toFloatArray());
    assertArrayEquals(new float[] {1, 3, 2, 4}, view.toFloatArray());
    assertArrayEquals(new float[] {1, 2}, row.toFloatArray());
    assertArrayEquals(new float[] {1, 2, 3, 4}, same.toFloatArray());
  }

  @Test
  void shouldKeepPendingOperationsMadeBefore() {
    Tensor x = vector(1, 2);
    Tensor before = x.add(100);
    Tensor chain = before.mul(2);

    x.assign(x.neg());

    assertArrayEquals(new float[] {-1, -2}, x.toFloatArray());
    assertArrayEquals(new float[] {101, 102}, before.toFloatArray());
    assertArrayEquals(new float[] {202, 204}, chain.toFloatArray());
  }

  @Test
  void shouldKeepStepsOfAssignedChain() {
    Tensor x = vector(1, 2);
    Tensor step = x.mul(3);
    Tensor value = step.add(1);

    x.assign(value);

    assertArrayEquals(new float[] {4, 7}, x.toFloatArray());
    assertArrayEquals(new float[] {3, 6}, step.toFloatArray());
    assertArrayEquals(new float[] {4, 7}, value.toFloatArray());
  }

  @Test
  void shouldKeepStepsThatAreConsumedLater() {
    Tensor x = vector(1, 2);
    Tensor step = x.mul(3);
    Tensor other = step.sub(x);

    x.assign(step.add(1));

    assertArrayEquals(new float[] {2, 4}, other.toFloatArray());
    assertArrayEquals(new float[] {3, 6}, step.toFloatArray());
    assertArrayEquals(new float[] {4, 7}, x.toFloatArray());
  }

  @Test
  void shouldKeepValueWhenTargetChangesAgain() {
    Tensor x = vector(1, 2);
    Tensor value = vector(5, 6);
    x.assign(value);

    x.assign(x.add(1));

    assertArrayEquals(new float[] {6, 7}, x.toFloatArray());
    assertArrayEquals(new float[] {5, 6}, value.toFloatArray());
  }

  @Test
  void shouldSwapTwoTensors() {
    Tensor x = vector(1, 2);
    Tensor y = vector(3, 4);
    Tensor old = x.detach();

    x.assign(y);
    y.assign(old);

    assertArrayEquals(new float[] {3, 4}, x.toFloatArray());
    assertArrayEquals(new float[] {1, 2}, y.toFloatArray());
  }

  @Test
  void shouldAssignOwnView() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    x.assign(x.transpose());
    assertArrayEquals(new float[] {1, 3, 2, 4}, x.toFloatArray());

    x.assign(x.get(1));
    assertArrayEquals(new float[] {2, 4, 2, 4}, x.toFloatArray());

    x.assign(x);
    assertArrayEquals(new float[] {2, 4, 2, 4}, x.toFloatArray());

    x.assign(x.transpose().add(x));
    assertArrayEquals(new float[] {4, 6, 6, 8}, x.toFloatArray());
  }

  @Test
  void shouldAssignConstants() {
    Tensor x = vector(1, 2);

    x.assign(Tensor.zeros(2));
    assertArrayEquals(new float[] {0, 0}, x.toFloatArray());

    x.assign(x.onesLike());
    x.assign(x.add(x));
    assertArrayEquals(new float[] {2, 2}, x.toFloatArray());
  }

  @Test
  void shouldAssignToView() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor view = x.get(1);

    view.assign(view.add(10));

    assertArrayEquals(new float[] {13, 14}, view.toFloatArray());
    assertArrayEquals(new float[] {1, 2, 3, 4}, x.toFloatArray());
  }

  @Test
  void shouldSurviveClosedValue() {
    Tensor x = vector(1, 2);
    Tensor value = x.mul(2);
    x.assign(value);
    value.close();

    assertArrayEquals(new float[] {2, 4}, x.toFloatArray());
  }

  @Test
  void shouldAssignManyTimes() {
    Tensor x = Tensor.zeros(DType.F64, 3);
    for (int i = 0; i < 5000; i++) {
      x.assign(x.add(1));
    }

    assertEquals(15_000, x.sum().item(), 0);
  }

  @Test
  void shouldNotRecordAssignment() {
    Tensor x = vector(1, 2).requiresGrad(true);
    Tensor y = vector(3, 4).requiresGrad(true);

    x.assign(y.mul(2));
    x.sum().backward();

    assertArrayEquals(new float[] {1, 1}, x.grad().orElseThrow().toFloatArray());
    assertEquals(true, y.grad().isEmpty());
  }

  @Test
  void shouldKeepValueSavedForGradient() {
    Tensor x = vector(1, 2).requiresGrad(true);
    Tensor loss = x.square().sum();

    x.assign(vector(100, 200));
    loss.backward();

    assertArrayEquals(new float[] {2, 4}, x.grad().orElseThrow().toFloatArray());
  }

  @Test
  void shouldKeepOutputSavedForGradient() {
    Tensor x = vector(0, 0).requiresGrad(true);
    Tensor y = x.exp();
    Tensor loss = y.sum();
    y.realize();

    x.assign(vector(5, 6));
    loss.backward();

    assertArrayEquals(new float[] {1, 1}, x.grad().orElseThrow().toFloatArray());
  }

  @Test
  void shouldAssignArraysOfEveryType() {
    Tensor f32 = Tensor.zeros(3);
    Tensor f64 = Tensor.zeros(DType.F64, 3);
    Tensor i32 = Tensor.zeros(DType.I32, 3).realize();
    Tensor i64 = Tensor.zeros(DType.I64, 3).realize();
    Tensor bool = Tensor.zeros(DType.BOOL, 3);
    Tensor half = Tensor.zeros(DType.F16, 3);

    assertSame(f32, f32.assign(new float[] {1, -2, 0.5f}));
    f64.assign(new double[] {1e300, -2, 0.1});
    i32.assign(new int[] {1, -2, 3});
    i64.assign(new long[] {1, 1L << 60, -3});
    bool.assign(new boolean[] {true, false, true});
    half.assignBits(new short[] {0x3c00, (short) 0xc000, 0x3800});

    assertArrayEquals(new float[] {1, -2, 0.5f}, f32.toFloatArray());
    assertArrayEquals(new double[] {1e300, -2, 0.1}, f64.toDoubleArray());
    assertArrayEquals(new int[] {1, -2, 3}, i32.toIntArray());
    assertArrayEquals(new long[] {1, 1L << 60, -3}, i64.toLongArray());
    assertArrayEquals(new boolean[] {true, false, true}, bool.toBooleanArray());
    assertArrayEquals(new float[] {1, -2, 0.5f}, half.toFloatArray());
  }

  @Test
  void shouldLeaveOthersAloneWhenAnArrayIsAssigned() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).requiresGrad(true);
    Tensor view = x.transpose();
    Tensor pending = x.add(1);
    Tensor same = x.detach();
    Tensor row = same.get(1);

    x.assign(new float[] {5, 6, 7, 8});
    row.assign(new float[] {9, 10});

    assertArrayEquals(new float[] {5, 6, 7, 8}, x.reshape(4).toFloatArray());
    assertArrayEquals(new float[] {1, 3, 2, 4}, view.reshape(4).toFloatArray());
    assertArrayEquals(new float[] {2, 3, 4, 5}, pending.reshape(4).toFloatArray());
    assertArrayEquals(new float[] {1, 2, 3, 4}, same.reshape(4).toFloatArray());
    assertArrayEquals(new float[] {9, 10}, row.toFloatArray());
  }

  @Test
  void shouldWriteAssignedArrayToAWrappedOne() {
    Modes.assumeSharesArrays();
    float[] array = {1, 2, 3, 4};
    Tensor x = Tensor.wrap(array, 2, 2);

    x.assign(new float[] {5, 6, 7, 8});
    x.transpose().get(0).assign(new float[] {-5, -7});

    assertArrayEquals(new float[] {-5, 6, -7, 8}, array);
  }

  @Test
  void shouldRefuseArraysThatDoNotFit() {
    Tensor x = vector(1, 2);
    Tensor computed = vector(1, 2).requiresGrad(true).mul(2);

    assertThrows(IllegalArgumentException.class, () -> x.assign(new double[2]));
    assertThrows(IllegalArgumentException.class, () -> x.assignBits(new short[2]));
    assertThrows(IllegalStateException.class, () -> computed.assign(new float[2]));
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> x.assign(new float[3]));

    assertEquals("assign: 3 values do not fill shape [2]", e.getMessage());
    assertArrayEquals(new float[] {1, 2}, x.toFloatArray());
  }

  @Test
  void shouldWriteInPlaceWhenNobodyLooks() {
    Modes.assumeDeferred();
    FaultyBackend counting = new FaultyBackend(Modes.backend());
    Device before = Device.current();
    Device.setCurrent(Device.on(counting));
    try {
      Tensor x = Tensor.of(new float[1000], 1000);
      Tensor g = Tensor.full(0.5, 1000).realize();
      long allocations = counting.allocations();

      for (int i = 0; i < 10; i++) {
        Tensor value = x.sub(g.mul(0.1));
        x.assign(value);
        value.close();
      }

      assertEquals(allocations, counting.allocations());
      assertEquals(-0.5, x.toFloatArray()[999], 1e-6);
    } finally {
      Device.setCurrent(before);
    }
  }
}
