package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Compares a row's gradients with central differences of its true function. */
final class OpGradients {
  private static final double STEP = 1e-6;

  private OpGradients() {}

  /** Checks the gradients for operands of two shapes; a third has the second's. */
  static void check(OpRow row, DType dtype, long[] first, long[] second) {
    List<Values> operands = new ArrayList<>();
    long[] dims = {};
    for (int i = 0; i < row.arity; i++) {
      Values x = row.smoothSample(i, 11 + i, i == 0 ? first : second);
      operands.add(x.dtype() == DType.BOOL ? x : x.cast(dtype));
      dims = Values.broadcast(dims, x.dims());
    }
    Values weights = Samples.uniform(dtype, 12, -1, 1, dims);
    Tck.scoped(() -> checkInScope(row, dtype, operands, weights));
  }

  private static void checkInScope(OpRow row, DType dtype, List<Values> operands, Values weights) {
    Tensor[] tensors = new Tensor[row.arity];
    for (int i = 0; i < row.arity; i++) {
      tensors[i] = operands.get(i).upload();
      if (row.hasGradient(i)) {
        tensors[i].requiresGrad(true);
      }
    }

    row.call.apply(tensors).mul(weights.upload()).sum().backward();

    for (int i = 0; i < row.arity; i++) {
      if (row.hasGradient(i)) {
        Tensor gradient = tensors[i].grad().orElseThrow();
        String what = row.name + ": gradient of operand " + i + " " + dtype;
        // PyTorch's gradcheck for F64; F32 has rounding of its own.
        double relative = dtype == DType.F64 ? 1e-3 : 2e-3;
        double absolute = dtype == DType.F64 ? 1e-5 : 1e-4;
        Values expected = expected(row, operands, weights, i);
        Expect.near(
            what,
            expected,
            at(expected, relative, absolute),
            Values.read(gradient),
            gradient.dtype());
      }
    }
  }

  private static java.util.function.IntToDoubleFunction at(
      Values expected, double relative, double absolute) {
    return i -> absolute + relative * Math.abs(expected.real(i));
  }

  private static Values expected(OpRow row, List<Values> operands, Values weights, int operand) {
    long[] dims = weights.dims();
    List<Values> spread = operands.stream().map(v -> v.broadcastTo(dims)).toList();
    Values own = operands.get(operand);
    // For each result the number of the element of the operand that it reads.
    double[] places = new double[own.size()];
    for (int i = 0; i < places.length; i++) {
      places[i] = i;
    }
    Values source = Values.of(places, own.dims()).broadcastTo(dims);
    double[] gradient = new double[own.size()];
    double[] x = new double[row.arity];
    for (int i = 0; i < weights.size(); i++) {
      for (int j = 0; j < x.length; j++) {
        x[j] = spread.get(j).real(i);
      }
      double centre = x[operand];
      x[operand] = centre + STEP;
      double above = row.at(x);
      x[operand] = centre - STEP;
      double below = row.at(x);
      gradient[(int) source.real(i)] += weights.real(i) * (above - below) / (2 * STEP);
    }
    return Values.of(gradient, own.dims());
  }
}
