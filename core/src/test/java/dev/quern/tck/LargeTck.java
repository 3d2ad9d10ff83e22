package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Elementwise work on more elements than backends may treat as little, in every layout. Elements
 * are their own places, so that results are exact.
 */
abstract class LargeTck extends Tck {
  private static final int ROWS = 401;
  private static final int COLUMNS = 503;

  /** How an operand of ROWS x COLUMNS is made, and its element at a place. */
  private record Layout(String name, Make make, Element element) {
    @Override
    public String toString() {
      return name;
    }
  }

  private interface Make {
    Tensor tensor();
  }

  private interface Element {
    int at(int i, int j);
  }

  private static Tensor range(long... dims) {
    return Tensor.arange(0, Tensor.zeros(dims).size(), 1).cast(DType.F32).reshape(dims).realize();
  }

  private static Stream<Layout> layouts() {
    return Stream.of(
        new Layout("contiguous", () -> range(ROWS, COLUMNS), (i, j) -> i * COLUMNS + j),
        new Layout("transposed", () -> range(COLUMNS, ROWS).transpose(), (i, j) -> j * ROWS + i),
        new Layout("row", () -> range(1, COLUMNS), (i, j) -> j),
        new Layout("column", () -> range(ROWS, 1), (i, j) -> i),
        new Layout("scalar", () -> range(2).get(1), (i, j) -> 1),
        new Layout(
            "window",
            () -> range(ROWS + 2, COLUMNS + 3).slice(0, 1, ROWS + 1).slice(1, 3, COLUMNS + 3),
            (i, j) -> (i + 1) * (COLUMNS + 3) + j + 3),
        new Layout(
            "every second",
            () -> range(ROWS, 2 * COLUMNS).slice(1, 0, 2 * COLUMNS, 2),
            (i, j) -> 2 * (i * COLUMNS + j)),
        new Layout(
            "flipped",
            () -> range(ROWS, COLUMNS).flip(1),
            (i, j) -> i * COLUMNS + COLUMNS - 1 - j));
  }

  @TestFactory
  Stream<DynamicTest> shouldReadOperandsInAnyLayout() {
    return layouts()
        .map(
            layout ->
                test(
                    layout.name(),
                    () -> {
                      Tensor whole = range(ROWS, COLUMNS);

                      Tensor sum = layout.make().tensor().mul(2).add(whole);

                      assertEquals(ROWS * COLUMNS, sum.size());
                      float[] actual = sum.toFloatArray();
                      for (int i = 0; i < ROWS; i++) {
                        for (int j = 0; j < COLUMNS; j++) {
                          int place = i * COLUMNS + j;
                          int expected = 2 * layout.element().at(i, j) + place;
                          assertEquals(expected, actual[place], 0, "at " + i + ", " + j);
                        }
                      }
                    }));
  }

  @Test
  void shouldWriteSeveralResults() {
    Tensor x = range(ROWS, COLUMNS);
    Tensor first = x.add(1);
    Tensor second = first.mul(2);

    float[] twice = second.toFloatArray();
    float[] once = first.toFloatArray();

    for (int i = 0; i < once.length; i++) {
      assertEquals(i + 1, once[i], 0);
      assertEquals(2 * (i + 1), twice[i], 0);
    }
  }

  @Test
  void shouldAssignInPlace() {
    Tensor x = range(ROWS * COLUMNS);

    x.assign(x.add(1).mul(0.5));

    float[] actual = x.toFloatArray();
    for (int i = 0; i < actual.length; i++) {
      assertEquals((i + 1) * 0.5f, actual[i], 0);
    }
  }

  @Test
  void shouldMixTypes() {
    Tensor x = range(ROWS * COLUMNS);

    boolean[] odd = x.cast(DType.I64).mod(2).eq(1).and(x.ge(3)).toBooleanArray();

    boolean[] expected = new boolean[ROWS * COLUMNS];
    for (int i = 3; i < expected.length; i += 2) {
      expected[i] = true;
    }
    assertArrayEquals(expected, odd);
  }

  /** Arrays so long that a backend may care where in memory their windows start. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 8, 12, 15, 16, 17, 29})
  void shouldReadAndWriteAnyWindowOfALongArray(int start) {
    int size = 300_011;
    for (DType dtype : List.of(DType.F32, DType.I32)) {
      Tensor all = Tensor.arange(0, size + 37, 1).cast(dtype).realize();
      Tensor window = all.slice(0, start, start + size).mul(2).add(3).neg();

      Tensor joined = Tensor.concat(0, all.slice(0, 0, start), window, all.slice(0, 0, 5));

      int[] actual = joined.cast(DType.I32).toIntArray();
      assertEquals(start + size + 5, actual.length);
      for (int i = 0; i < actual.length; i++) {
        int rest = i < start ? i : i - start - size;
        int expected = i >= start && i < start + size ? -(2 * i + 3) : rest;
        assertEquals(expected, actual[i], dtype + " at " + i);
      }
    }
  }
}
