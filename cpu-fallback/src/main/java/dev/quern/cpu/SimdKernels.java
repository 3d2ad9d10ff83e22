package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.cpu.BlockedGemm.Tiles;
import dev.quern.spi.Op;
import dev.quern.spi.Reduction;
import jdk.incubator.vector.VectorShape;
import org.jspecify.annotations.Nullable;

/** The inner loops on vectors, where they gain over what the compiler makes of plain ones. */
final class SimdKernels implements Kernels {
  private final PlainKernels plain = new PlainKernels();
  private final SoftmaxLoops softmax = SimdSoftmaxLoops.create();
  private final Gemm gemmF32 =
      new BlockedGemm(DType.F32, tilesF32(), new GemmF32(new SimdThinLoops()), this);
  private final Gemm gemmF64 = new BlockedGemm(DType.F64, tilesF64(), plain.gemm(DType.F64), this);

  // 32 vector registers, rather than 16: what vectors of 512 bits come with on x86.
  private static boolean hasManyRegisters() {
    return VectorShape.preferredShape().vectorBitSize() == 512
        || System.getProperty("os.arch").equals("aarch64");
  }

  private static Tiles tilesF32() {
    Tile narrow = SimdTilesF32.tile16x1();
    return hasManyRegisters()
        ? new Tiles(
            SimdTilesF32.rows10x2(),
            SimdTilesF32.across12x2(),
            narrow,
            SimdTilesF32.spread10x2(),
            SimdTilesF32.tile8x2())
        : new Tiles(
            SimdTilesF32.rows8x2(),
            SimdTilesF32.tile8x2(),
            narrow,
            SimdTilesF32.tile8x2(),
            SimdTilesF32.tile8x2());
  }

  private static Tiles tilesF64() {
    Tile narrow = SimdTilesF64.tile16x1();
    return hasManyRegisters()
        ? new Tiles(
            SimdTilesF64.rows10x2(),
            SimdTilesF64.across12x2(),
            narrow,
            SimdTilesF64.tile8x2(),
            SimdTilesF64.tile8x2())
        : new Tiles(
            SimdTilesF64.rows8x2(),
            SimdTilesF64.tile8x2(),
            narrow,
            SimdTilesF64.tile8x2(),
            SimdTilesF64.tile8x2());
  }

  @Override
  public Loop loop(Op op, DType operand) {
    return operand == DType.F32 ? SimdF32Loops.of(op) : plain.loop(op, operand);
  }

  @Override
  public @Nullable Loop pair(Op first, Op second, boolean turned, boolean relu) {
    return SimdPairs.of(first, second, turned, relu);
  }

  @Override
  public Segment segment(Reduction reduction, DType dtype) {
    return dtype == DType.F32 ? SimdSegments.of(reduction) : plain.segment(reduction, dtype);
  }

  @Override
  public @Nullable LongRuns longRuns() {
    return SimdStreams.longRuns();
  }

  @Override
  public EightRows eightRows() {
    return SimdStreams::eightRows;
  }

  @Override
  public Gemm gemm(DType dtype) {
    return dtype == DType.F32 ? gemmF32 : gemmF64;
  }

  @Override
  public SoftmaxLoops softmax() {
    return softmax;
  }
}
