package dev.quern.kernels;

import dev.quern.DType;
import org.jspecify.annotations.Nullable;

/**
 * A batch of products {@code c = activation(a . b + bias)} in device memory: A is m by k, B k by n.
 *
 * @param activation its number in {@code matmul.cl}
 */
record MatmulProduct(
    DType dtype,
    long batches,
    long m,
    long n,
    long k,
    Operand a,
    Operand b,
    @Nullable Operand bias,
    Operand c,
    long activation) {

  /** A batch of matrices in a block: element (i, j) of matrix l is at the sum of the strides. */
  record Operand(Block block, long offset, long batch, long row, long column) {
    Operand turned() {
      return new Operand(block, offset, batch, /* row= */ column, /* column= */ row);
    }

    Operand from(long l, long j) {
      return new Operand(block, offset + l * batch + j * column, batch, row, column);
    }

    // Whether a batch of matrices of so many rows is one matrix of more.
    boolean stacks(long rows) {
      return batch == rows * row;
    }

    Operand stacked() {
      return new Operand(block, offset, 0, row, column);
    }
  }

  /** Returns this with {@code c' = b' . a'}. */
  MatmulProduct turned() {
    Operand added = bias == null ? null : bias.turned();
    return new MatmulProduct(
        dtype, batches, n, m, k, b.turned(), a.turned(), added, c.turned(), activation);
  }

  /** Returns this as one product if all matrices of one side are the same. */
  MatmulProduct merged() {
    if (batches == 1) {
      return this;
    }
    MatmulProduct rows = mergedRows();
    return rows.batches() > 1 ? turned().mergedRows().turned() : rows;
  }

  private MatmulProduct mergedRows() {
    if (b.batch() != 0 || !a.stacks(m) || !c.stacks(m) || (bias != null && !bias.stacks(m))) {
      return this;
    }
    Operand added = bias == null ? null : bias.stacked();
    return new MatmulProduct(
        dtype, 1, batches * m, n, k, a.stacked(), b, added, c.stacked(), activation);
  }

  /** Returns this or its transpose: the one that has no more rows than columns. */
  MatmulProduct fewRows() {
    return m <= n ? this : turned();
  }

  /** Returns this or its transpose: the one whose result has contiguous rows, if either has. */
  MatmulProduct contiguousRows() {
    return c.column() != 1 && c.row() == 1 ? turned() : this;
  }

  /** Returns a part: some columns of some matrices. */
  MatmulProduct part(long batch, long count, long column, long width) {
    Operand added = bias == null ? null : bias.from(batch, column);
    return new MatmulProduct(
        dtype,
        count,
        m,
        width,
        k,
        a.from(batch, 0),
        b.from(batch, column),
        added,
        c.from(batch, column),
        activation);
  }

  /** Returns this with other memory for A. */
  MatmulProduct withA(Operand other) {
    return new MatmulProduct(dtype, batches, m, n, k, other, b, bias, c, activation);
  }

  /** Returns this with other memory for B. */
  MatmulProduct withB(Operand other) {
    return new MatmulProduct(dtype, batches, m, n, k, a, other, bias, c, activation);
  }

  /** Returns the bare product, into other memory. */
  MatmulProduct bare(Operand other) {
    return new MatmulProduct(dtype, batches, m, n, k, a, b, null, other, 0);
  }
}
