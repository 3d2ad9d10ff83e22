package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Task;

/**
 * Samples on a device.
 *
 * @param features one row per sample
 * @param targets one element per sample: I64 for many classes, else of the features' type
 */
public record Batch(Tensor features, Tensor targets) {
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

  /** Returns the number of samples. */
  public long rows() {
    return features.dim(0);
  }

  /** Returns a view of the samples from {@code start} to before {@code end}. */
  Batch slice(long start, long end) {
    return new Batch(features.slice(0, start, end), targets.slice(0, start, end));
  }

  /** Returns the samples with these numbers. */
  Batch select(Tensor rows) {
    return new Batch(features.indexSelect(0, rows), targets.indexSelect(0, rows));
  }
}
