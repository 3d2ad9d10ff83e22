package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class LinesTest {
  private static final long MIB = 1 << 20;

  @Test
  void shouldKnowHowG1DividesAHeap() {
    // As -XX:+PrintFlagsFinal prints G1HeapRegionSize.
    assertEquals(MIB / 2, Lines.halfRegion(256 * MIB));
    assertEquals(MIB / 2, Lines.halfRegion(2048 * MIB));
    assertEquals(MIB, Lines.halfRegion(3072 * MIB));
    assertEquals(2 * MIB, Lines.halfRegion(5120 * MIB));
    assertEquals(16 * MIB, Lines.halfRegion(40960 * MIB));
    assertEquals(16 * MIB, Lines.halfRegion(1L << 40));
  }
}
