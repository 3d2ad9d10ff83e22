package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/** Batches of matrix products. */
final class MatmulKernel {
  /** What a multiplication and addition takes in a kernel that is not too small. */
  static final double NANOS = 0.02;

  private MatmulKernel() {}

  /** Computes a batch of products; see {@link dev.quern.spi.Backend#matmul}. */
  static void run(CpuContext context, View a, View b, Epilogue epilogue, View output) {
    if (output.size() == 0) {
      return;
    }
    long[] shape = output.shape();
    if (shape[2] > 1 && output.strides()[2] != 1) {
      if (output.strides()[1] == 1 || shape[1] == 1) {
        View bias = epilogue.bias();
        Epilogue turned =
            new Epilogue(bias == null ? null : transpose(bias), epilogue.activation());
        run(context, transpose(b), transpose(a), turned, transpose(output));
      } else {
        try (Scratch scratch = new Scratch(context.pool(), output.dtype(), output.size())) {
          View dense = scratch.view(shape);
          run(context, a, b, epilogue, dense);
          MapKernel.run(context, Program.copy(output.dtype()), List.of(dense), List.of(output));
        }
      }
      return;
    }
    batches(context, a, b, epilogue, output);
  }

  private static void batches(CpuContext context, View a, View b, Epilogue epilogue, View output) {
    long[] shape = output.shape();
    View bias = epilogue.bias();
    if (shape[0] > 1
        && b.strides()[0] == 0
        && stacks(a)
        && stacks(output)
        && (bias == null || stacks(bias))) {
      // The same B for all: one product of more rows.
      Epilogue whole = new Epilogue(bias == null ? null : stacked(bias), epilogue.activation());
      View single =
          new View(b.buffer(), new long[] {1, b.shape()[1], b.shape()[2]}, b.strides(), b.offset());
      batches(context, stacked(a), single, whole, stacked(output));
      return;
    }
    DType dtype = output.dtype();
    Gemm gemm = context.kernels().gemm(dtype);
    double nanos = NANOS * shape[1] * shape[2] * a.shape()[2] + 100;
    // A few large ones had better be split within.
    boolean whole = shape[0] < context.threads().size();
    context
        .threads()
        .ranges(
            shape[0],
            whole ? 0 : nanos,
            (from, to) -> {
              for (long i = from; i < to; i++) {
                Product p = new Product(context.kernels(), a, b, epilogue, output, i);
                if (p.k == 0) {
                  zero(p);
                } else {
                  gemm.run(context, p);
                }
              }
            });
  }

  private static void zero(Product p) {
    for (int i = 0; i < p.m; i++) {
      HostArrays.fill(p.c, p.cStart + i * p.cRow, p.n, 0);
    }
    p.finish(0, p.m, 0, p.n);
  }

  /** Returns a batch's matrices transposed. */
  static View transpose(View view) {
    long[] shape = view.shape();
    long[] strides = view.strides();
    return new View(
        view.buffer(),
        new long[] {shape[0], shape[2], shape[1]},
        new long[] {strides[0], strides[2], strides[1]},
        view.offset());
  }

  // Whether the matrices of a batch are one matrix of more rows.
  private static boolean stacks(View view) {
    return view.strides()[0] == view.strides()[1] * view.shape()[1];
  }

  private static View stacked(View view) {
    return new View(
        view.buffer(),
        new long[] {1, view.shape()[0] * view.shape()[1], view.shape()[2]},
        new long[] {0, view.strides()[1], view.strides()[2]},
        view.offset());
  }
}
