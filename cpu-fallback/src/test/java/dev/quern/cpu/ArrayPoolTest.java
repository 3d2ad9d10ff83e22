package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import org.junit.jupiter.api.Test;

class ArrayPoolTest {
  private final ArrayPool pool = new ArrayPool(1 << 20);

  @Test
  void shouldGiveAnArrayBackForARequestOfItsClass() {
    Object array = pool.take(DType.F32, 1000);
    pool.give(DType.F32, array);

    assertSame(array, pool.take(DType.F32, 990));
  }

  @Test
  void shouldNotMixTypes() {
    Object array = pool.take(DType.I32, 100);
    pool.give(DType.I32, array);

    assertTrue(pool.take(DType.F32, 100) instanceof float[]);
  }

  @Test
  void shouldWasteAQuarterAtMost() {
    for (long size = 1025; size < 1L << 31; size += size / 37 + 1) {
      long length = ArrayPool.lengthFor(Math.min(size, ArrayPool.MAX_LENGTH));

      assertTrue(length >= Math.min(size, ArrayPool.MAX_LENGTH), "too short for " + size);
      assertTrue(length <= size + size / 4 + 1, "wasteful for " + size + ": " + length);
    }
  }

  @Test
  void shouldTakePowersOfTwoForShortArrays() {
    assertEquals(16, ArrayPool.lengthFor(0));
    assertEquals(16, ArrayPool.lengthFor(16));
    assertEquals(32, ArrayPool.lengthFor(17));
    assertEquals(1024, ArrayPool.lengthFor(513));
  }

  @Test
  void shouldKeepNoMoreThanItsBound() {
    Object first = pool.take(DType.F64, 100_000);
    Object second = pool.take(DType.F64, 100_000);
    pool.give(DType.F64, first);
    pool.give(DType.F64, second);

    assertTrue(pool.cachedBytes() <= 1 << 20);
    assertSame(first, pool.take(DType.F64, 100_000));
    assertNotSame(second, pool.take(DType.F64, 100_000));
  }

  @Test
  void shouldForgetEverythingWhenTrimmed() {
    Object array = pool.take(DType.BOOL, 5000);
    pool.give(DType.BOOL, array);
    pool.trim();

    assertEquals(0, pool.cachedBytes());
    assertNotSame(array, pool.take(DType.BOOL, 5000));
  }

  @Test
  void shouldRefuseMoreThanOneArrayHolds() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> pool.take(DType.F32, 3_000_000_000L));

    assertEquals("cpu: 3000000000 elements exceed one Java array", e.getMessage());
  }

  @Test
  void shouldNotPoolWrappedArrays() {
    CpuBuffer buffer = new CpuBuffer(DType.F32, 16, new float[16], null);
    buffer.close();

    assertEquals(0, pool.cachedBytes());
    assertThrows(IllegalStateException.class, buffer::array);
  }

  @Test
  void shouldPoolABufferOnceHoweverOftenItIsClosed() {
    CpuBuffer buffer = new CpuBuffer(DType.F32, 16, pool.take(DType.F32, 16), pool);
    buffer.close();
    buffer.close();

    assertEquals(64, pool.cachedBytes());
  }
}
