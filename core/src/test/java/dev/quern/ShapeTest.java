package dev.quern;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class ShapeTest {
  @Test
  void shouldMultiplyExtents() {
    assertEquals(24, Shape.of(2, 3, 4).size());
    assertEquals(1, Shape.of().size());
    assertEquals(0, Shape.of(3, 0, Long.MAX_VALUE, Long.MAX_VALUE).size());
    assertEquals(Long.MAX_VALUE, Shape.of(Long.MAX_VALUE, 1).size());
  }

  @Test
  void shouldRefuseBadExtents() {
    assertThrows(IllegalArgumentException.class, () -> Shape.of(2, -1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(0, -1));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(Long.MAX_VALUE, 2));
    assertThrows(IllegalArgumentException.class, () -> Shape.of(1L << 32, 1L << 31));
  }

  @Test
  void shouldNotShareArrays() {
    long[] dims = {2, 3};
    Shape shape = Shape.of(dims);
    dims[0] = 9;
    shape.dims()[1] = 9;

    assertArrayEquals(new long[] {2, 3}, shape.dims());
  }

  @Test
  void shouldCountAxesFromTheEnd() {
    Shape shape = Shape.of(2, 3);

    assertEquals(3, shape.dim(-1));
    assertEquals(2, shape.dim(-2));
    assertEquals(0, shape.axis("op", -2));
    assertThrows(IllegalArgumentException.class, () -> shape.dim(2));
    assertThrows(IllegalArgumentException.class, () -> shape.dim(-3));
    assertThrows(IllegalArgumentException.class, () -> Shape.of().dim(0));
  }

  @Test
  void shouldBroadcast() {
    assertEquals(Shape.of(2, 3), Shape.broadcast("op", Shape.of(2, 1), Shape.of(3)));
    assertEquals(Shape.of(2, 3), Shape.broadcast("op", Shape.of(), Shape.of(2, 3)));
    assertEquals(Shape.of(0, 3), Shape.broadcast("op", Shape.of(0, 1), Shape.of(1, 3)));
    assertEquals(Shape.of(0), Shape.broadcast("op", Shape.of(1), Shape.of(0)));
    assertEquals(Shape.of(5, 2, 3), Shape.broadcast("op", Shape.of(5, 1, 3), Shape.of(2, 1)));
  }

  @Test
  void shouldNameOpAndShapesThatDoNotBroadcast() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Shape.broadcast("add", Shape.of(2, 3), Shape.of(4)));

    String message = String.valueOf(e.getMessage());
    assertTrue(message.startsWith("add: "), message);
    assertTrue(message.contains("[2, 3]") && message.contains("[4]"), message);
  }

  @Test
  void shouldRefuseBroadcastThatOverflows() {
    assertThrows(
        IllegalArgumentException.class,
        () -> Shape.broadcast("add", Shape.of(1L << 40, 1), Shape.of(1L << 40)));
  }

  @Test
  void shouldCompareByExtents() {
    assertEquals(Shape.of(2, 3), Shape.of(2, 3));
    assertEquals(Shape.of(2, 3).hashCode(), Shape.of(2, 3).hashCode());
    assertNotEquals(Shape.of(2, 3), Shape.of(3, 2));
    assertNotEquals(Shape.of(0, 3), Shape.of(3, 0));
    assertEquals("[2, 3]", Shape.of(2, 3).toString());
    assertEquals("[]", Shape.of().toString());
  }
}
