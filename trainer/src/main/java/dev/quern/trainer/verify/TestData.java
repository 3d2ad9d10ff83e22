package dev.quern.trainer.verify;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/** Made-up numbers for built-in cases: the same ones each time. */
final class TestData {
  static final List<DType> FLOATING = List.of(DType.F32, DType.F64);

  private TestData() {}

  /** Returns numbers between -1 and 1 that are exact in F32. */
  static double[] values(int n, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    double[] out = new double[n];
    Arrays.setAll(out, i -> (float) random.nextDouble(-1, 1));
    return out;
  }

  /** Returns a tensor of them. */
  static Tensor tensor(double[] values, DType dtype, long... dims) {
    return Tensor.of(values, dims).cast(dtype);
  }

  /** Returns half the distance from 1 to the next number of a type: the largest rounding error. */
  static double epsilon(DType dtype) {
    return dtype == DType.F32 ? 0x1p-24 : 0x1p-53;
  }

  /** Returns the same bound for each of n elements. */
  static double[] bounds(int n, double bound) {
    double[] out = new double[n];
    Arrays.fill(out, bound);
    return out;
  }
}
