package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Reduction;
import org.jspecify.annotations.Nullable;

/** The inner loops in plain Java. */
final class PlainKernels implements Kernels {
  private final Gemm gemmF32 = new GemmF32(new PlainThinLoops());
  private final Gemm gemmF64 = new GemmF64();

  @Override
  public Loop loop(Op op, DType operand) {
    return switch (operand) {
      case F32 -> F32Loops.of(op);
      case F64 -> F64Loops.of(op);
      case I32 -> I32Loops.of(op);
      case I64 -> I64Loops.of(op);
      case F16, BF16 -> HalfLoops.of(op);
      case BOOL -> BoolLoops.of(op);
    };
  }

  @Override
  public @Nullable Loop pair(Op first, Op second, boolean turned, boolean relu) {
    return null;
  }

  @Override
  public Segment segment(Reduction reduction, DType dtype) {
    return Segment.of(reduction, dtype);
  }

  @Override
  public @Nullable LongRuns longRuns() {
    return null;
  }

  // Compilers make no vectors of a loop that may write what it reads.
  @Override
  public @Nullable EightRows eightRows() {
    return null;
  }

  @Override
  public Gemm gemm(DType dtype) {
    return dtype == DType.F32 ? gemmF32 : gemmF64;
  }

  @Override
  public @Nullable SoftmaxLoops softmax() {
    return null;
  }
}
