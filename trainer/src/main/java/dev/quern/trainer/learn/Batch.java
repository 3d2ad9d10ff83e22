package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Task;
import java.util.Arrays;
import java.util.NoSuchElementException;

/**
 * Samples on a device.
 *
 * @param features one row per sample
 * @param targets one element per sample: I64 for many classes, else of the features' type
 */
public record Batch(Tensor features, Tensor targets) implements Rows {
  /** Returns a copy of samples on the current device. */
  public static Batch of(Samples samples, Task task, DType dtype) {
    long rows = samples.rows();
    Tensor features = floats(samples.features(), dtype, rows, samples.columns());
    Tensor targets =
        task == Task.CLASSES
            ? Tensor.of(samples.labels(), rows)
            : floats(samples.targets(), dtype, rows);
    return new Batch(features, targets);
  }

  /**
   * Returns a copy of some rows of a source on the current device.
   *
   * @param targets the target of every row of the source
   * @throws dev.quern.trainer.data.DataException if a number is beyond the type's range
   */
  public static Batch of(RowSource source, double[] targets, Task task, DType dtype, int... rows) {
    return HostBatch.read(source, targets, task, dtype, rows, 0, rows.length).upload();
  }

  private static Tensor floats(double[] values, DType dtype, long... dims) {
    if (dtype == DType.F64) {
      return Tensor.of(values, dims);
    }
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return Tensor.of(narrow, dims);
  }

  @Override
  public long rows() {
    return features.dim(0);
  }

  @Override
  public Batch range(long start, long end) {
    if (start == 0 && end == rows()) {
      return this;
    }
    return new Batch(features.slice(0, start, end), targets.slice(0, start, end));
  }

  @Override
  public Batches batches(int[] order, int size, long first) {
    Tensor shuffled = Tensor.of(Arrays.stream(order).asLongStream().toArray(), order.length);
    return new Batches() {
      private long start = first * size;

      @Override
      public Batch next() {
        if (start >= order.length) {
          throw new NoSuchElementException("no batch is left");
        }
        long end = Math.min(start + size, order.length);
        Tensor rows = shuffled.slice(0, start, end);
        start = end;
        return new Batch(features.indexSelect(0, rows), targets.indexSelect(0, rows));
      }

      @Override
      public void close() {
        shuffled.close();
      }
    };
  }
}
