package dev.quern.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SamplesTest {
  private static Table column(double... values) {
    return new Table("y", 1, values, null, List.of(), false);
  }

  private static Samples ten() {
    double[] x = IntStream.range(0, 10).asDoubleStream().toArray();
    return new Samples(1, x, x.clone());
  }

  @ParameterizedTest
  @CsvSource({
    "CLASSES, 0.5, label 0.5 is not an integer",
    "CLASSES, -1, label -1 is negative",
    "CLASSES, 2021, label 2021 is absurd for 3 rows",
    "BINARY, 2, label 2 is neither 0 nor 1",
  })
  void shouldRefuseTargetsThatAreNoLabels(Task task, double label, String problem) {
    Table targets = column(0, label, 1);

    String message =
        String.valueOf(
            assertThrows(DataException.class, () -> Samples.join(column(1, 2, 3), targets, task))
                .getMessage());

    assertTrue(message.startsWith("y: row 2: " + problem), message);
  }

  @Test
  void shouldTakeAnyRealTargetForARegression() {
    Samples samples = Samples.join(column(1, 2), column(-0.5, 2021), Task.REGRESSION);

    assertArrayEquals(new double[] {-0.5, 2021}, samples.targets());
  }

  @Test
  void shouldRefuseAnotherNumberOfTargets() {
    DataException e =
        assertThrows(
            DataException.class,
            () -> Samples.join(column(1, 2, 3), column(1, 2), Task.REGRESSION));

    assertEquals("y: 2 targets for 3 rows of features", e.getMessage());
  }

  @Test
  void shouldHoldTheLastRowsBack() {
    Split split = Split.last(ten(), 3);

    assertArrayEquals(new double[] {0, 1, 2, 3, 4, 5, 6}, split.train().features());
    assertArrayEquals(new double[] {7, 8, 9}, split.test().targets());
  }

  @Test
  void shouldHoldEveryKthRowBack() {
    Split split = Split.every(ten(), 5);

    assertArrayEquals(new double[] {4, 9}, split.test().features());
    assertEquals(8, split.train().rows());
  }

  @Test
  void shouldHoldTheSameRandomPartBackForTheSameSeed() {
    Split one = Split.fraction(ten(), 0.3, 7);
    Split same = Split.fraction(ten(), 0.3, 7);
    Split other = Split.fraction(ten(), 0.3, 8);

    assertEquals(3, one.test().rows());
    assertArrayEquals(one.test().features(), same.test().features());
    assertTrue(!Arrays.equals(one.test().features(), other.test().features()));
  }

  @Test
  void shouldRefuseASplitThatLeavesNothing() {
    Samples ten = ten();

    assertThrows(DataException.class, () -> Split.last(ten, 10));
    assertThrows(DataException.class, () -> Split.last(ten, 0));
    assertThrows(DataException.class, () -> Split.last(ten, -5));
    assertThrows(DataException.class, () -> Split.every(ten, 1));
    assertThrows(DataException.class, () -> Split.every(ten, 11));
    assertThrows(DataException.class, () -> Split.every(ten, 0));
    assertThrows(DataException.class, () -> Split.fraction(ten, 0.01, 0));
    assertThrows(DataException.class, () -> Split.fraction(ten, 1, 0));
    assertThrows(DataException.class, () -> Split.fraction(ten, Double.NaN, 0));
  }

  @Test
  void shouldPermuteEveryRowOnce() {
    int[] order = Split.permutation(1000, new Random(1));

    assertArrayEquals(IntStream.range(0, 1000).toArray(), Arrays.stream(order).sorted().toArray());
  }

  @Test
  void shouldStandardizeWithTheTrainingRowsAlone() {
    Samples all = new Samples(2, new double[] {1, 5, 3, 5, 7, 6}, new double[] {0, 0, 0});
    Split split = Split.last(all, 1);

    Split scaled = Scaling.standard(split.train()).apply(split);

    assertArrayEquals(new double[] {-1, 0, 1, 0}, scaled.train().features());
    assertArrayEquals(new double[] {5, 0}, scaled.test().features());
  }

  @Test
  void shouldKeepAConstantThatRoundsAtZero() {
    double[] x = new double[7];
    Arrays.fill(x, 0.1);
    Split split = Split.none(new Samples(1, x, new double[7]));

    Split scaled = Scaling.standard(split.train()).apply(split);

    assertArrayEquals(new double[7], scaled.train().features());
  }

  @Test
  void shouldMapTheTrainingRangeToZeroAndOne() {
    Samples all = new Samples(1, new double[] {2, 6, 4, 10}, new double[4]);
    Split split = Split.last(all, 1);

    Split scaled = Scaling.range(split.train()).apply(split);

    assertArrayEquals(new double[] {0, 1, 0.5}, scaled.train().features());
    assertArrayEquals(new double[] {2}, scaled.test().features());
  }
}
