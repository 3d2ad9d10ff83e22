package dev.quern.optim;

import dev.quern.DType;
import dev.quern.Recording;
import dev.quern.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The numbers of one step that differ from step to step. They are constants of its kernels, or
 * while the step is recorded elements of a tensor that each replay fills anew; the bits are the
 * same.
 */
final class StepNumbers {
  private final Supplier<double[]> source;
  private final double[] values;
  private final boolean recorded = Recording.isActive();
  private final Map<DType, Tensor[]> scalars = new EnumMap<>(DType.class);

  StepNumbers(Supplier<double[]> source) {
    this.source = source;
    values = source.get();
  }

  /** Returns {@code x * number k}. */
  Tensor mul(Tensor x, int k) {
    return recorded ? x.mul(scalar(x.dtype(), k)) : x.mul(values[k]);
  }

  /** Returns {@code x / number k}. */
  Tensor div(Tensor x, int k) {
    return recorded ? x.div(scalar(x.dtype(), k)) : x.div(values[k]);
  }

  private Tensor scalar(DType dtype, int k) {
    return scalars.computeIfAbsent(dtype, this::scalars)[k];
  }

  private Tensor[] scalars(DType dtype) {
    Tensor vector = Recording.numbers(dtype, source);
    Tensor[] out = new Tensor[values.length];
    for (int k = 0; k < out.length; k++) {
      out[k] = vector.get(k);
    }
    return out;
  }
}
