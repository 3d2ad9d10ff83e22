package dev.quern.trainer.plots;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicksTest {
  @Test
  void shouldBeRound() {
    assertArrayEquals(
        new String[] {"-0.2", "0", "0.2", "0.4", "0.6", "0.8", "1.0"},
        Ticks.of(-0.3, 1.05).labels());
    assertArrayEquals(
        new String[] {"2000", "4000", "6000", "8000", "10,000", "12,000"},
        Ticks.of(1000, 13_000).labels());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1",
    "-3, 7.5",
    "2000, 2001",
    "1e-9, 3e-9",
    "-1e-12, 1e-12",
    "1e12, 1.0000001e12",
    "-1e300, 1e300",
    "0.99999, 1.00001",
    "-5e-324, 1e9",
    "9.9999e8, 1.000008e9",
    "1e16, 1.0001e16"
  })
  void shouldLieWithinAndDiffer(double from, double to) {
    Ticks ticks = Ticks.of(from, to);

    assertTrue(ticks.at().length >= 3 && ticks.at().length <= 11, Arrays.toString(ticks.labels()));
    assertEquals(
        ticks.at().length,
        Arrays.stream(ticks.labels()).distinct().count(),
        Arrays.toString(ticks.labels()));
    for (int i = 0; i < ticks.at().length; i++) {
      double slack = 1e-9 * (to - from);
      assertTrue(ticks.at()[i] >= from - slack && ticks.at()[i] <= to + slack);
      double told = Double.parseDouble(ticks.labels()[i].replace(",", ""));
      assertEquals(ticks.at()[i], told, slack);
    }
  }

  @Test
  void shouldWriteOutWhatAPowerOfTenWouldNotShorten() {
    assertArrayEquals(
        new String[] {
          "1,000,000,000", "1,000,050,000", "1,000,100,000", "1,000,150,000", "1,000,200,000"
        },
        Ticks.of(999_960_000, 1_000_210_000).labels());
    assertArrayEquals(
        new String[] {"1e+09", "2e+09", "3e+09", "4e+09", "5e+09", "6e+09", "7e+09", "8e+09"},
        Ticks.of(1e9, 8.5e9).labels());
  }

  @Test
  void shouldBeWholeWhereCounted() {
    assertArrayEquals(new String[] {"0", "1", "2", "3"}, Ticks.ofCounts(-0.06, 3.06).labels());
    assertArrayEquals(new String[] {"0", "1"}, Ticks.ofCounts(-0.02, 1.02).labels());
    assertArrayEquals(Ticks.of(-0.8, 40.8).labels(), Ticks.ofCounts(-0.8, 40.8).labels());
  }

  @Test
  void shouldBeNoneWithoutARange() {
    assertEquals(0, Ticks.of(1, 1).at().length);
    assertEquals(0, Ticks.of(0, Double.NaN).at().length);
  }
}
