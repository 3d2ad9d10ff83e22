package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Reduction;

/** The inner loops on vectors, where they gain over what the compiler makes of plain ones. */
final class SimdKernels implements Kernels {
  private final PlainKernels plain = new PlainKernels();
  private final Gemm gemmF32 =
      new BlockedGemm(
          DType.F32, SimdTilesF32.tile8x2(), SimdTilesF32.tile16x1(), plain.gemm(DType.F32), this);
  private final Gemm gemmF64 =
      new BlockedGemm(
          DType.F64, SimdTilesF64.tile8x2(), SimdTilesF64.tile16x1(), plain.gemm(DType.F64), this);

  @Override
  public Loop loop(Op op, DType operand) {
    return operand == DType.F32 ? SimdF32Loops.of(op) : plain.loop(op, operand);
  }

  @Override
  public Segment segment(Reduction reduction, DType dtype) {
    return dtype == DType.F32 ? SimdSegments.of(reduction) : plain.segment(reduction, dtype);
  }

  @Override
  public Gemm gemm(DType dtype) {
    return dtype == DType.F32 ? gemmF32 : gemmF64;
  }
}
