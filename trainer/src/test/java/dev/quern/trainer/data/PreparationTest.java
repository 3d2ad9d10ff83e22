package dev.quern.trainer.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PreparationTest {
  private static Table column(double... values) {
    return new Table("y", 1, values, null, List.of(), false);
  }

  private static double[] scaled(Scaling scaling, RowSource source, int... rows) {
    RowSource scaled = scaling.apply(source);
    double[] out = new double[rows.length * source.columns()];
    for (int i = 0; i < rows.length; i++) {
      scaled.read(rows[i], out, i * source.columns());
    }
    return out;
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
            assertThrows(DataException.class, () -> Targets.of(3, targets, task)).getMessage());

    assertTrue(message.startsWith("y: row 2: " + problem), message);
  }

  @Test
  void shouldTakeAnyRealTargetForARegression() {
    double[] targets = Targets.of(2, column(-0.5, 2021), Task.REGRESSION);

    assertArrayEquals(new double[] {-0.5, 2021}, targets);
  }

  @Test
  void shouldRefuseAnotherNumberOfTargets() {
    DataException e =
        assertThrows(DataException.class, () -> Targets.of(3, column(1, 2), Task.REGRESSION));

    assertEquals("y: 2 targets for 3 rows of features", e.getMessage());
  }

  @Test
  void shouldHoldTheLastRowsBack() {
    RowSplit split = RowSplit.last(10, 3);

    assertArrayEquals(new int[] {0, 1, 2, 3, 4, 5, 6}, split.train());
    assertArrayEquals(new int[] {7, 8, 9}, split.test());
  }

  @Test
  void shouldHoldEveryKthRowBack() {
    RowSplit split = RowSplit.every(10, 5);

    assertArrayEquals(new int[] {4, 9}, split.test());
    assertEquals(8, split.train().length);
  }

  @Test
  void shouldHoldTheSameRandomPartBackForTheSameSeed() {
    RowSplit one = RowSplit.fraction(10, 0.3, 7);
    RowSplit same = RowSplit.fraction(10, 0.3, 7);
    RowSplit other = RowSplit.fraction(10, 0.3, 8);

    assertEquals(3, one.test().length);
    assertArrayEquals(one.test(), same.test());
    assertFalse(Arrays.equals(one.test(), other.test()));
  }

  @Test
  void shouldTakeValidationRowsFromTheTrainingRows() {
    RowSplit split = RowSplit.last(10, 2).withValidation(0.25, 0);

    assertEquals(2, split.validation().length);
    assertArrayEquals(new int[] {8, 9}, split.test());
    assertArrayEquals(
        IntStream.range(0, 8).toArray(),
        IntStream.concat(Arrays.stream(split.train()), Arrays.stream(split.validation()))
            .sorted()
            .toArray());
  }

  @Test
  void shouldRefuseASplitThatLeavesNothing() {
    assertThrows(DataException.class, () -> RowSplit.last(10, 10));
    assertThrows(DataException.class, () -> RowSplit.last(10, 0));
    assertThrows(DataException.class, () -> RowSplit.last(10, -5));
    assertThrows(DataException.class, () -> RowSplit.every(10, 1));
    assertThrows(DataException.class, () -> RowSplit.every(10, 11));
    assertThrows(DataException.class, () -> RowSplit.every(10, 0));
    assertThrows(DataException.class, () -> RowSplit.fraction(10, 0.01, 0));
    assertThrows(DataException.class, () -> RowSplit.fraction(10, 1, 0));
    assertThrows(DataException.class, () -> RowSplit.fraction(10, Double.NaN, 0));
    assertThrows(DataException.class, () -> RowSplit.none(10).withValidation(0, 0));
    assertThrows(DataException.class, () -> RowSplit.none(10).withValidation(1, 0));
  }

  @Test
  void shouldStandardizeWithTheTrainingRowsAlone() {
    Table all = new Table("x", 2, new double[] {1, 5, 3, 5, 7, 6}, null, List.of(), false);

    Scaling scaling = Scaling.standard(all, 0, 1);

    assertArrayEquals(new double[] {-1, 0, 1, 0, 5, 0}, scaled(scaling, all, 0, 1, 2));
  }

  @Test
  void shouldKeepAConstantThatRoundsAtZero() {
    double[] x = new double[7];
    Arrays.fill(x, 0.1);
    int[] rows = IntStream.range(0, 7).toArray();

    Scaling scaling = Scaling.standard(column(x), rows);

    assertArrayEquals(new double[7], scaled(scaling, column(x), rows));
  }

  @Test
  void shouldMapTheTrainingRangeToZeroAndOne() {
    Table all = column(2, 6, 4, 10);

    Scaling scaling = Scaling.range(all, 0, 1, 2);

    assertArrayEquals(new double[] {0, 1, 0.5, 2}, scaled(scaling, all, 0, 1, 2, 3));
  }
}
