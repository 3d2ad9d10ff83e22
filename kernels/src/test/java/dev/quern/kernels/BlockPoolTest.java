package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import org.junit.jupiter.api.Test;

/** Which blocks are allocated, and which are handed out again. */
class BlockPoolTest {
  private static final long MOST = 1000;

  private final RecordingDriver driver =
      new RecordingDriver(new Traits(true, 1, 256, 32 << 10, MOST, 64, true, false));
  private final BlockPool pool = new BlockPool(driver, new Captures());

  @Test
  void shouldHandOutABlockOfAboutTheSameLengthAgain() {
    Block first = pool.take(600);
    pool.give(first);

    assertSame(first, pool.scratch(700));
    assertEquals(1, driver.allocated.size());
  }

  @Test
  void shouldRoundUpNoFurtherThanTheDeviceAllocates() {
    assertEquals(768, pool.take(600).bytes());
    assertEquals(MOST, pool.take(MOST - 1).bytes());
    assertEquals(MOST + 1, pool.take(MOST + 1).bytes());
  }
}
