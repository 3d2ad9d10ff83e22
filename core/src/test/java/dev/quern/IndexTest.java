package dev.quern;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IndexTest {
  /** Walks a Python slice by its definition. */
  private static List<Long> walk(long start, long end, long step, long dim) {
    long first = start < 0 ? start + dim : start;
    long last = end < 0 ? end + dim : end;
    List<Long> out = new ArrayList<>();
    // Far outside nothing is found, so it is enough to look at what lies on the axis.
    for (long at = first; step > 0 ? at < last : at > last; at += step) {
      if (at < -100 || at > 100) {
        break;
      }
      if (at >= 0 && at < dim) {
        out.add(at);
      }
    }
    return out;
  }

  private static List<Long> positions(Index term, long dim) {
    List<Long> out = new ArrayList<>();
    for (long i = 0; i < term.count(dim); i++) {
      out.add(term.first(dim) + i * term.step);
    }
    return out;
  }

  @Test
  void shouldTakeWhatUnitStepTakes() {
    for (long dim = 0; dim < 5; dim++) {
      for (long start = -7; start < 8; start++) {
        for (long end = -7; end < 8; end++) {
          String what = start + ":" + end + " of " + dim;
          // For a unit step clipping a start that lies outside changes nothing.
          assertEquals(walk(start, end, 1, dim), positions(Index.range(start, end), dim), what);
        }
      }
    }
  }

  @Test
  void shouldTakeSteppedRangesFromInside() {
    for (long dim = 1; dim < 7; dim++) {
      for (long step : new long[] {1, 2, 3, -1, -2, -3, 10, -10}) {
        for (long start = -dim; start < dim; start++) {
          for (long end = -dim; end <= dim; end++) {
            String what = start + ":" + end + ":" + step + " of " + dim;
            assertEquals(
                walk(start, end, step, dim), positions(Index.range(start, end, step), dim), what);
          }
        }
      }
    }
  }

  @Test
  void shouldClipStartBeforeStepping() {
    // As Python: range(10)[-20::3] and range(10)[20::-3] start at the edge.
    assertEquals(List.of(0L, 3L, 6L, 9L), positions(Index.range(-20, 20, 3), 10));
    assertEquals(List.of(9L, 6L, 3L, 0L), positions(Index.range(20, -20, -3), 10));
  }

  @Test
  void shouldTakeOpenRanges() {
    assertEquals(List.of(0L, 1L, 2L), positions(Index.all(), 3));
    assertEquals(List.of(1L, 2L), positions(Index.from(1), 3));
    assertEquals(List.of(0L), positions(Index.to(1), 3));
    assertEquals(List.of(2L, 1L, 0L), positions(Index.every(-1), 3));
    assertEquals(List.of(), positions(Index.every(-1), 0));
  }

  @Test
  void shouldNotOverflow() {
    assertEquals(1, Index.range(0, Long.MAX_VALUE, Long.MAX_VALUE).count(5));
    assertEquals(1, Index.every(Long.MIN_VALUE).count(5));
    assertEquals(0, Index.range(Long.MAX_VALUE, Long.MIN_VALUE).count(5));
    assertEquals(5, Index.range(Long.MIN_VALUE, Long.MAX_VALUE).count(5));
    assertEquals(5, Index.range(Long.MAX_VALUE, Long.MIN_VALUE, -1).count(5));
  }

  @Test
  void shouldRefuseZeroStep() {
    assertThrows(IllegalArgumentException.class, () -> Index.every(0));
    assertThrows(IllegalArgumentException.class, () -> Index.range(0, 1, 0));
  }
}
