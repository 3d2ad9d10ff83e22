package dev.quern.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

/** The known answers are those of Random123's test vectors. */
final class PhiloxTest {
  @Test
  void shouldMatchKnownAnswerForZeros() {
    int[] out = new int[4];

    Philox.block(0, 0, out);

    assertArrayEquals(new int[] {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}, out);
  }

  @Test
  void shouldMatchKnownAnswerForOnes() {
    int[] out = new int[4];

    Philox.block(-1, -1, -1, -1, -1, -1, out);

    assertArrayEquals(new int[] {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}, out);
  }

  @Test
  void shouldMatchKnownAnswerForPi() {
    int[] out = new int[4];

    Philox.block(0xa4093822, 0x299f31d0, 0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, out);

    assertArrayEquals(new int[] {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}, out);
  }

  @Test
  void shouldSplitSeedAndCounterLowWordFirst() {
    int[] whole = new int[4];
    int[] words = new int[4];

    Philox.block(0x1122334455667788L, 0xaabbccdd00112233L, whole);
    Philox.block(0x55667788, 0x11223344, 0x00112233, 0xaabbccdd, 0, 0, words);

    assertArrayEquals(words, whole);
  }

  @Test
  void shouldAdvanceGenerator() {
    Generator generator = new Generator(7, 10);

    assertEquals(10, generator.take(3));
    assertEquals(13, generator.take(0));
    assertEquals(13, generator.position());
    assertEquals(7, generator.seed());
  }

  @Test
  void shouldRefuseNegativePosition() {
    assertThrows(IllegalArgumentException.class, () -> new Generator(1, -1));
  }

  @Test
  void shouldReplaceGlobalGenerator() {
    Generator before = Generator.global();

    Generator.seedGlobal(9);

    assertNotSame(before, Generator.global());
    assertEquals(9, Generator.global().seed());
    Generator.seedGlobal(0);
  }
}
