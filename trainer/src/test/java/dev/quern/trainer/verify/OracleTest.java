package dev.quern.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.spi.Op;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OracleTest {
  // From the tables of Abramowitz and Stegun, 7.1, and of the NIST handbook.
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.5, 0.5204998778130465",
    "1, 0.8427007929497149",
    "-2, -0.9953222650189527",
    "3, 0.9999779095030014",
    "7, 1"
  })
  void shouldKnowTheErrorFunction(double x, double want) {
    assertEquals(want, Oracle.erf(x), 4e-16);
  }

  @Test
  void shouldTakePowersOfOneAsC99Does() {
    assertEquals(1, Oracle.real(Op.POW, 1, Double.NaN));
    assertEquals(1, Oracle.real(Op.POW, -1, Double.NEGATIVE_INFINITY));
  }

  @ParameterizedTest
  @CsvSource({"7, 3, 1", "-7, 3, 2", "7, -3, -2", "-7, -3, -1", "6, 3, 0", "5, 0, 0"})
  void shouldGiveRemaindersTheDivisorsSign(long a, long b, long want) {
    assertEquals(want, Oracle.whole(Op.MOD, a, b));
  }

  @ParameterizedTest
  @CsvSource({
    "2, 10, 1024",
    "-3, 3, -27",
    "2, -1, 0",
    "-1, -3, -1",
    "0, 0, 1",
    "3, 64, 8733086111712066817"
  })
  void shouldWrapIntegerPowers(long a, long b, long want) {
    assertEquals(want, Oracle.whole(Op.POW, a, b));
  }
}
