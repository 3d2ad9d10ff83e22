package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Epilogue;
import dev.quern.spi.View;
import org.jspecify.annotations.Nullable;

/**
 * One matrix product {@code c = epilogue(a . b)}: A is m by k, B is k by n, both of any strides,
 * C's rows are contiguous.
 */
final class Product {
  final DType dtype;
  final int m;
  final int n;
  final int k;
  final Object a;
  final int aStart;
  final int aRow;
  final int aCol;
  final Object b;
  final int bStart;
  final int bRow;
  final int bCol;
  final Object c;
  final int cStart;
  final int cRow;
  private final @Nullable Object bias;
  private final int biasStart;
  private final int biasRow;
  private final int biasCol;
  private final @Nullable Loop add;
  private final @Nullable Loop activation;

  /** Takes one matrix each out of batches of them; {@code output}'s last stride is 1. */
  Product(Kernels kernels, View a, View b, Epilogue epilogue, View output, long batch) {
    m = (int) output.shape()[1];
    n = (int) output.shape()[2];
    k = (int) a.shape()[2];
    dtype = output.dtype();
    this.a = CpuBuffer.array(a);
    aStart = start(a, batch);
    aRow = (int) a.strides()[1];
    aCol = (int) a.strides()[2];
    this.b = CpuBuffer.array(b);
    bStart = start(b, batch);
    bRow = (int) b.strides()[1];
    bCol = (int) b.strides()[2];
    c = CpuBuffer.array(output);
    cStart = start(output, batch);
    cRow = (int) output.strides()[1];
    View added = epilogue.bias();
    if (added == null) {
      bias = null;
      biasStart = 0;
      biasRow = 0;
      biasCol = 0;
      add = null;
    } else {
      bias = CpuBuffer.array(added);
      biasStart = start(added, batch);
      biasRow = (int) added.strides()[1];
      biasCol = (int) added.strides()[2];
      add = kernels.loop(dev.quern.spi.Op.ADD, dtype);
    }
    activation = epilogue.activation() == null ? null : kernels.loop(epilogue.activation(), dtype);
  }

  private Product(Product p, Object c) {
    m = p.n;
    n = p.m;
    k = p.k;
    dtype = p.dtype;
    a = p.b;
    aStart = p.bStart;
    aRow = p.bCol;
    aCol = p.bRow;
    b = p.a;
    bStart = p.aStart;
    bRow = p.aCol;
    bCol = p.aRow;
    this.c = c;
    cStart = 0;
    cRow = n;
    bias = null;
    biasStart = 0;
    biasRow = 0;
    biasCol = 0;
    add = null;
    activation = null;
  }

  /** Returns the product of the transposes, into a dense {@code c}, without the epilogue. */
  Product turned(Object c) {
    return new Product(this, c);
  }

  private static int start(View view, long batch) {
    return (int) (view.offset() + batch * view.strides()[0]);
  }

  /** Applies the epilogue to columns {@code j0 <= j < j1} of rows {@code i0 <= i < i1}. */
  void finish(int i0, int i1, int j0, int j1) {
    if (j1 - j0 == 1 && cRow == 1 && i1 - i0 > 1) {
      finishColumn(i0, i1, j0);
      return;
    }
    Object added = bias;
    Loop adder = add;
    int width = j1 - j0;
    if (added != null && adder != null) {
      Object spread = biasCol == 1 || width == 1 ? added : HostArrays.create(dtype, width);
      for (int i = i0; i < i1; i++) {
        int from = biasStart + i * biasRow + j0 * biasCol;
        if (spread != added) {
          if (i == i0 || biasRow != 0) {
            HostArrays.gather(added, from, biasCol, spread, 0, width);
          }
          from = 0;
        }
        int at = cStart + i * cRow + j0;
        adder.run(c, at, spread, from, c, at, c, at, width);
      }
    }
    if (activation != null) {
      for (int i = i0; i < i1; i++) {
        int at = cStart + i * cRow + j0;
        activation.run(c, at, c, at, c, at, c, at, width);
      }
    }
  }

  // A column that lies like a row is done like one.
  private void finishColumn(int i0, int i1, int j) {
    int at = cStart + i0 + j;
    int n = i1 - i0;
    Object added = bias;
    Loop adder = add;
    if (added != null && adder != null) {
      int from = biasStart + i0 * biasRow + j * biasCol;
      if (biasRow != 1) {
        Object spread = HostArrays.create(dtype, n);
        HostArrays.gather(added, from, biasRow, spread, 0, n);
        added = spread;
        from = 0;
      }
      adder.run(c, at, added, from, c, at, c, at, n);
    }
    if (activation != null) {
      activation.run(c, at, c, at, c, at, c, at, n);
    }
  }
}
