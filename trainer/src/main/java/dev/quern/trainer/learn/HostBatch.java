package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.Task;

/** Samples in the Java heap, of the type to compute in. */
final class HostBatch {
  private final int rows;
  private final int columns;
  private final Object features;
  private final Object targets;

  private HostBatch(int rows, int columns, Object features, Object targets) {
    this.rows = rows;
    this.columns = columns;
    this.features = features;
    this.targets = targets;
  }

  /**
   * Reads rows.
   *
   * @param targets the target of every row of the source
   * @param which the rows, of which those from {@code start} to before {@code end} are read
   * @throws dev.quern.trainer.data.DataException if a number is beyond the type's range
   */
  static HostBatch read(
      RowSource source, double[] targets, Task task, DType dtype, int[] which, int start, int end) {
    int rows = end - start;
    int columns = source.columns();
    Object x = array(dtype, Math.multiplyExact(rows, columns));
    Object y = task == Task.CLASSES ? new long[rows] : array(dtype, rows);
    double[] row = new double[columns];
    for (int i = 0; i < rows; i++) {
      int from = which[start + i];
      source.read(from, row, 0);
      for (int j = 0; j < columns; j++) {
        if (!put(x, i * columns + j, row[j])) {
          throw source.error(
              from, j, row[j] + " is beyond the range of f32: use --scale or --dtype f64");
        }
      }
      put(y, i, targets[from]);
    }
    return new HostBatch(rows, columns, x, y);
  }

  private static Object array(DType dtype, int n) {
    return dtype == DType.F64 ? new double[n] : new float[n];
  }

  /** Stores a number and returns whether the type can hold it. */
  private static boolean put(Object array, int i, double value) {
    if (array instanceof float[] a) {
      a[i] = (float) value;
      return Float.isFinite(a[i]);
    }
    if (array instanceof double[] a) {
      a[i] = value;
    } else {
      ((long[]) array)[i] = (long) value;
    }
    return true;
  }

  /** Returns a copy on the current device. */
  Batch upload() {
    return new Batch(tensor(features, rows, columns), tensor(targets, rows));
  }

  private static Tensor tensor(Object array, long... dims) {
    if (array instanceof float[] a) {
      return Tensor.of(a, dims);
    }
    return array instanceof double[] a ? Tensor.of(a, dims) : Tensor.of((long[]) array, dims);
  }
}
