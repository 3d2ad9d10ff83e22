package dev.quern.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.spi.Buffer;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class LayoutsTest {
  private static final Buffer NO_MEMORY =
      new Buffer() {
        @Override
        public DType dtype() {
          return DType.F32;
        }

        @Override
        public long size() {
          return 0;
        }

        @Override
        public void close() {}
      };

  /** Returns the place of every element in row-major order. */
  private static long[] places(long[] dims, long[] strides, long offset) {
    int n = (int) Shape.of(dims).size();
    long[] places = new long[n];
    for (int i = 0; i < n; i++) {
      long rest = i;
      places[i] = offset;
      for (int axis = dims.length - 1; axis >= 0; axis--) {
        places[i] += rest % dims[axis] * strides[axis];
        rest /= dims[axis];
      }
    }
    return places;
  }

  private static long[] places(View view) {
    return places(view.shape(), view.strides(), view.offset());
  }

  @Test
  void shouldStrideRowMajor() {
    assertArrayEquals(new long[] {12, 4, 1}, Layouts.contiguous(Shape.of(2, 3, 4)));
    assertArrayEquals(new long[] {}, Layouts.contiguous(Shape.of()));
  }

  @Test
  void shouldRecogniseRowMajor() {
    assertTrue(Layouts.isContiguous(Shape.of(2, 3), new long[] {3, 1}));
    assertTrue(Layouts.isContiguous(Shape.of(1, 3), new long[] {99, 1}));
    assertEquals(false, Layouts.isContiguous(Shape.of(2, 3), new long[] {1, 2}));
    assertEquals(false, Layouts.isContiguous(Shape.of(2), new long[] {0}));
    assertEquals(false, Layouts.isContiguous(Shape.of(2), new long[] {-1}));
  }

  @Test
  void shouldBroadcastWithZeroStrides() {
    assertArrayEquals(
        new long[] {0, 1, 0},
        Layouts.broadcast(Shape.of(3, 1), new long[] {1, 7}, Shape.of(2, 3, 4)));
  }

  @Test
  void shouldReshapeRandomLayouts() {
    SplittableRandom random = new SplittableRandom(1);
    int views = 0;
    for (int i = 0; i < 20_000; i++) {
      long[] dims = dims(random, 4);
      long[] strides = strides(random, dims);
      Shape from = Shape.of(dims);
      Shape to = Shape.of(regrouped(random, from.size()));

      long[] made = Layouts.reshape(from, strides, to);

      if (made != null) {
        views++;
        String what = from + Arrays.toString(strides) + " to " + to;
        assertArrayEquals(places(dims, strides, 5), places(to.dims(), made, 5), what);
      } else {
        assertNull(bruteForce(places(dims, strides, 0), to), from + " to " + to);
      }
    }
    assertTrue(views > 1000 && views < 19_000, "views " + views);
  }

  private static long[] dims(SplittableRandom random, int maxRank) {
    long[] dims = new long[random.nextInt(maxRank + 1)];
    Arrays.setAll(dims, i -> random.nextInt(1, 5));
    return dims;
  }

  // A permuted, sliced, flipped or broadcast row-major array.
  private static long[] strides(SplittableRandom random, long... dims) {
    long[] strides = new long[dims.length];
    long step = random.nextInt(1, 3);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < dims.length; i++) {
      order.add(random.nextInt(3) == 0 ? random.nextInt(order.size() + 1) : 0, i);
    }
    for (int axis : order) {
      int kind = random.nextInt(8);
      strides[axis] = kind == 0 ? 0 : kind == 1 ? -step : step;
      step *= dims[axis] * (random.nextInt(4) == 0 ? 2 : 1);
    }
    return strides;
  }

  private static long[] regrouped(SplittableRandom random, long size) {
    List<Long> dims = new ArrayList<>();
    long rest = size;
    while (rest > 1) {
      long dim = random.nextLong(1, rest + 1);
      while (rest % dim != 0) {
        dim--;
      }
      dims.add(dim);
      rest /= dim;
    }
    return dims.stream().mapToLong(v -> v).toArray();
  }

  /** Returns strides that show these places in a shape, or null if there are none. */
  private static long[] bruteForce(long[] places, Shape to) {
    long[] strides = new long[to.rank()];
    long[] rowMajor = Layouts.contiguous(to);
    for (int axis = 0; axis < strides.length; axis++) {
      strides[axis] = to.dim(axis) == 1 ? 0 : places[(int) rowMajor[axis]] - places[0];
    }
    return Arrays.equals(places, places(to.dims(), strides, places[0])) ? strides : null;
  }

  @Test
  void shouldMergeAxesWithoutMovingElements() {
    SplittableRandom random = new SplittableRandom(2);
    int merged = 0;
    for (int i = 0; i < 20_000; i++) {
      long[] dims = dims(random, 5);
      int split = random.nextInt(dims.length + 1);
      List<View> views = new ArrayList<>();
      int count = random.nextInt(1, 4);
      for (int k = 0; k < count; k++) {
        long[] strides =
            random.nextBoolean() ? Layouts.contiguous(Shape.of(dims)) : strides(random, dims);
        views.add(new View(NO_MEMORY, dims, strides, k));
      }

      Layouts.Merged result = Layouts.merge(views, dims, split);

      merged += result.shape().length < dims.length ? 1 : 0;
      for (int k = 0; k < count; k++) {
        assertArrayEquals(places(views.get(k)), places(result.views().get(k)));
        assertArrayEquals(result.shape(), result.views().get(k).shape());
      }
      long keptSize = Shape.of(Arrays.copyOf(dims, split)).size();
      long keptMerged = Shape.of(Arrays.copyOf(result.shape(), result.kept())).size();
      assertEquals(keptSize, keptMerged);
      for (long dim : result.shape()) {
        assertTrue(dim > 1);
      }
    }
    assertTrue(merged > 5000, "merged " + merged);
  }

  @Test
  void shouldMergeOutputOfReductionLikewise() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 5000; i++) {
      long[] dims = dims(random, 5);
      int split = random.nextInt(dims.length + 1);
      View input = new View(NO_MEMORY, dims, strides(random, dims), 0);
      long[] kept = Arrays.copyOf(dims, split);
      View output = new View(NO_MEMORY, kept, Layouts.contiguous(Shape.of(kept)), 3);

      Layouts.Merged merged = Layouts.merge(List.of(input), dims, split);

      // An output is row-major, so its axes merge wherever the input's do.
      assertArrayEquals(places(output), places(merged.kept(output)));
    }
  }

  @Test
  void shouldMergeContiguousToOneAxis() {
    long[] dims = {2, 1, 3, 4};
    View view = new View(NO_MEMORY, dims, Layouts.contiguous(Shape.of(dims)), 0);

    assertArrayEquals(new long[] {24}, Layouts.merge(List.of(view, view), dims, 4).shape());
    assertArrayEquals(new long[] {2, 12}, Layouts.merge(List.of(view), dims, 1).shape());
  }

  @Test
  void shouldMergeEmptyShapes() {
    long[] dims = {2, 0, 3};
    View view = new View(NO_MEMORY, dims, Layouts.contiguous(Shape.of(dims)), 0);

    Layouts.Merged merged = Layouts.merge(List.of(view), dims, 1);

    assertEquals(0, merged.views().get(0).size());
    assertNotNull(merged.kept(new View(NO_MEMORY, new long[] {2}, new long[] {1}, 0)));
  }
}
