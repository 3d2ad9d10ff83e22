package dev.quern.trainer.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class ConfusionTest {
  @Test
  void shouldTellPrecisionAndRecallOfEachClass() {
    Confusion confusion = new Confusion(new long[][] {{3, 1, 0}, {2, 4, 0}, {0, 0, 0}});

    assertEquals(7, confusion.correct());
    assertEquals(3 / 5.0, confusion.precision(0));
    assertEquals(3 / 4.0, confusion.recall(0));
    assertEquals(4 / 5.0, confusion.precision(1));
    assertEquals(4 / 6.0, confusion.recall(1));
    assertEquals(Double.NaN, confusion.precision(2));
    assertEquals(Double.NaN, confusion.recall(2));
  }
}
