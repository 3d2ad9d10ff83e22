package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Arrays shared with their owner, both ways. */
abstract class WrapTck extends Tck {
  @BeforeEach
  final void assumeSharing() {
    Modes.assumeSharesArrays();
  }

  @Test
  void shouldShowChangeOfArray() {
    float[] array = {1, 2};
    Tensor x = Tensor.wrap(array, 2);

    array[0] = 7;

    assertArrayEquals(new float[] {7, 2}, x.toFloatArray());
  }

  @Test
  void shouldWrapEveryType() {
    double[] doubles = {1};
    int[] ints = {1};
    long[] longs = {1};
    Tensor d = Tensor.wrap(doubles, 1);
    Tensor i = Tensor.wrap(ints, 1);
    Tensor l = Tensor.wrap(longs, 1);

    doubles[0] = 2.5;
    ints[0] = -3;
    longs[0] = 1L << 40;

    assertEquals(2.5, d.item(), 0);
    assertEquals(-3, i.itemLong());
    assertEquals(1L << 40, l.itemLong());
  }

  @Test
  void shouldComputeBeforeArrayChanges() {
    float[] array = {1, 2};
    Tensor x = Tensor.wrap(array, 2);
    Tensor sum = x.add(1);
    Tensor chain = x.mul(2).exp().log();
    Tensor product = x.reshape(1, 2).matmul(x.reshape(2, 1));
    Tensor total = x.sum();
    Tensor soft = x.softmax(0);
    Tensor joined = Tensor.concat(0, x, x);
    Tensor picked = Tensor.where(x.gt(1), x, x.neg());

    array[0] = 100;
    array[1] = 200;

    assertArrayEquals(new float[] {2, 3}, sum.toFloatArray());
    assertArrayEquals(new float[] {2, 4}, chain.toFloatArray(), 1e-5f);
    assertEquals(5, product.item(), 0);
    assertEquals(3, total.item(), 0);
    assertEquals(1 / (1 + Math.E), soft.toFloatArray()[0], 1e-6);
    assertArrayEquals(new float[] {1, 2, 1, 2}, joined.toFloatArray());
    assertArrayEquals(new float[] {-1, 2}, picked.toFloatArray());
  }

  @Test
  void shouldComputeSecondOperandBeforeItChanges() {
    float[] array = {1, 2};
    Tensor x = Tensor.of(new float[] {10, 20}, 2);
    Tensor sum = x.exp().mul(0).add(Tensor.wrap(array, 2));

    array[0] = 100;

    assertArrayEquals(new float[] {1, 2}, sum.toFloatArray());
  }

  @Test
  void shouldShareThroughViews() {
    float[] array = {1, 2, 3, 4, 5, 6};
    Tensor x = Tensor.wrap(array, 2, 3);
    Tensor view = x.transpose().slice(0, 1, 3);
    Tensor sum = view.add(0);

    array[1] = 20;

    assertArrayEquals(new float[] {20, 5, 3, 6}, view.contiguous().toFloatArray());
    assertArrayEquals(new float[] {2, 5, 3, 6}, sum.toFloatArray());
  }

  @Test
  void shouldWriteThroughToArray() {
    float[] array = {1, 2};
    Tensor x = Tensor.wrap(array, 2);

    x.assign(x.add(10));

    assertArrayEquals(new float[] {11, 12}, array);
  }

  @Test
  void shouldWriteBroadcastThroughToArray() {
    float[] array = {1, 2, 3, 4};
    Tensor x = Tensor.wrap(array, 2, 2);

    x.assign(Tensor.of(new float[] {7, 8}, 2));

    assertArrayEquals(new float[] {7, 8, 7, 8}, array);
  }

  @Test
  void shouldWriteOwnTransposeThrough() {
    float[] array = {1, 2, 3, 4};
    Tensor x = Tensor.wrap(array, 2, 2);

    x.assign(x.transpose());

    assertArrayEquals(new float[] {1, 3, 2, 4}, array);
  }

  @Test
  void shouldWriteThroughView() {
    float[] array = {1, 2, 3, 4, 5, 6};
    Tensor column = Tensor.wrap(array, 2, 3).slice(1, 1, 2);

    column.assign(Tensor.of(new float[] {20, 50}, 2, 1));

    assertArrayEquals(new float[] {1, 20, 3, 4, 50, 6}, array);
  }

  @Test
  void shouldCopyWhenReading() {
    float[] array = {1, 2};
    Tensor x = Tensor.wrap(array, 2);

    x.toFloatArray()[0] = 9;

    assertEquals(1, array[0]);
  }

  @Test
  void shouldCopyWithOf() {
    float[] array = {1, 2};
    Tensor x = Tensor.of(array, 2);

    array[0] = 9;

    assertArrayEquals(new float[] {1, 2}, x.toFloatArray());
  }

  @Test
  void shouldLeaveArrayAloneWhenClosed() {
    float[] array = new float[5000];
    java.util.Arrays.fill(array, 3);
    Tensor.wrap(array, 5000).close();
    // Were the array pooled, these would write over it.
    for (int i = 0; i < 10; i++) {
      Tensor.full(i, 5000).realize().close();
    }

    assertEquals(3, array[4999]);
  }

  @Test
  void shouldKeepCastToSameTypeShared() {
    float[] array = {1};
    Tensor x = Tensor.wrap(array, 1).cast(DType.F32);

    array[0] = 5;

    assertEquals(5, x.item(), 0);
  }
}
