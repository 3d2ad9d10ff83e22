package dev.quern.internal;

import dev.quern.Precision;
import dev.quern.spi.Backend;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Brings batched matrix products of any rank to the three axes that backends take. */
final class Products {
  private Products() {}

  static void run(
      Backend backend,
      View a,
      View b,
      @Nullable View bias,
      @Nullable Op activation,
      Precision precision,
      View out) {
    int batchRank = out.rank() - 2;
    long[] batch = Arrays.copyOf(out.shape(), batchRank);
    List<View> operands = new ArrayList<>(List.of(a, b, out));
    if (bias != null) {
      operands.add(bias);
    }
    List<View> batchViews = new ArrayList<>();
    for (View operand : operands) {
      batchViews.add(
          new View(operand.buffer(), batch, batchStrides(operand, batchRank), operand.offset()));
    }
    Layouts.Merged merged = Layouts.merge(batchViews, batch, batchRank);
    long[] outer = merged.shape();
    int loops = Math.max(0, outer.length - 1);
    long[] index = new long[loops];
    // Almost always the batch merges to one axis and this runs once.
    do {
      View[] slices = new View[operands.size()];
      for (int i = 0; i < slices.length; i++) {
        slices[i] = slice(operands.get(i), merged.views().get(i), index);
      }
      backend.matmul(
          slices[0],
          slices[1],
          new Epilogue(bias == null ? null : slices[3], activation),
          precision,
          slices[2]);
    } while (next(index, outer));
  }

  private static long[] batchStrides(View view, int batchRank) {
    long[] strides = new long[batchRank];
    int own = view.rank() - 2;
    for (int i = 0; i < own; i++) {
      boolean repeats = view.shape()[i] == 1;
      strides[batchRank - own + i] = repeats ? 0 : view.strides()[i];
    }
    return strides;
  }

  private static View slice(View matrix, View batch, long[] index) {
    int rank = matrix.rank();
    long offset = batch.offset();
    for (int i = 0; i < index.length; i++) {
      offset += index[i] * batch.strides()[i];
    }
    int last = batch.rank() - 1;
    return new View(
        matrix.buffer(),
        new long[] {
          last < 0 ? 1 : batch.shape()[last], matrix.shape()[rank - 2], matrix.shape()[rank - 1]
        },
        new long[] {
          last < 0 ? 0 : batch.strides()[last],
          matrix.strides()[rank - 2],
          matrix.strides()[rank - 1]
        },
        offset);
  }

  private static boolean next(long[] index, long[] dims) {
    for (int i = index.length - 1; i >= 0; i--) {
      if (++index[i] < dims[i]) {
        return true;
      }
      index[i] = 0;
    }
    return false;
  }
}
