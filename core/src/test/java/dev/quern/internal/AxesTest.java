package dev.quern.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.Shape;
import org.junit.jupiter.api.Test;

final class AxesTest {
  @Test
  void shouldLeaveOneAxisOut() {
    assertArrayEquals(new int[] {0, 2}, Axes.without(3, 1));
    assertArrayEquals(new int[] {}, Axes.without(1, 0));
  }

  @Test
  void shouldFlagNamedAxes() {
    assertArrayEquals(new boolean[] {true, false, true}, Axes.flags("f", Shape.of(2, 3, 4), 0, -1));
    assertArrayEquals(new boolean[] {true, true}, Axes.flags("f", Shape.of(2, 3)));
    assertArrayEquals(new boolean[] {}, Axes.flags("f", Shape.of()));
  }

  @Test
  void shouldRefuseAxisNamedTwice() {
    assertThrows(IllegalArgumentException.class, () -> Axes.flags("f", Shape.of(2, 3), 1, -1));
  }

  @Test
  void shouldPutFlaggedLast() {
    assertArrayEquals(
        new int[] {1, 3, 0, 2}, Axes.flaggedLast(new boolean[] {true, false, true, false}));
  }
}
