package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reductions of long plain rows or columns with the kernels of {@code reduce_plain.cu}. */
final class PlainReduce implements PrebuiltReduce.Chunked {
  private static final int GROUP = 256;
  private static final int WARP = 32;
  private static final int PIECE_BYTES = 16;

  /** Rows from this length on have enough for each work item of a group. */
  private static final long LONG = 1024;

  private final Launcher launcher;
  private final Reduction reduction;
  private final View input;
  private final boolean columns;
  private final long rows;
  private final long length;
  private final long distance;
  private final long pieces;
  private final long chunk;

  private PlainReduce(
      Launcher launcher, Reduction reduction, View input, int kept, boolean columns) {
    this.launcher = launcher;
    this.reduction = reduction;
    this.input = input;
    this.columns = columns;
    rows = kept == 0 ? 1 : input.shape()[0];
    length = input.shape()[kept];
    distance = columns ? input.strides()[kept] : kept == 0 ? 0 : input.strides()[0];
    long width = PIECE_BYTES / input.dtype().bytes();
    pieces = columns ? length : length / width;
    long across = (rows + width - 1) / width;
    chunk = PrebuiltReduce.chunk(columns, columns ? across : rows, pieces);
  }

  /** Returns the reduction, or null if it is not one of these. */
  static @Nullable PlainReduce of(
      Launcher launcher, Reduction reduction, Program program, List<View> inputs, int kept) {
    if (!program.isCopy() || inputs.get(0).rank() != kept + 1 || kept > 1) {
      return null;
    }
    View input = inputs.get(0);
    DType dtype = input.dtype();
    boolean numbers =
        dtype == DType.F32 || dtype == DType.F64 || dtype == DType.I32 || dtype == DType.I64;
    boolean joins =
        reduction == Reduction.SUM || reduction == Reduction.MAX || reduction == Reduction.MIN;
    if (!numbers || !joins) {
      return null;
    }
    boolean rows = input.strides()[kept] == 1 && input.shape()[kept] >= LONG;
    boolean columns = kept == 1 && input.strides()[0] == 1 && input.shape()[0] >= WARP;
    return rows || columns ? new PlainReduce(launcher, reduction, input, kept, !rows) : null;
  }

  @Override
  public long chunks() {
    return (pieces + chunk - 1) / chunk;
  }

  @Override
  public void launch(View output, long between) {
    long step = output.rank() == 0 ? 0 : output.strides()[0];
    long[] words = {
      rows, length, chunk, chunks(), between, input.offset(), distance, output.offset(), step
    };
    String what = reduction == Reduction.SUM ? "sum" : reduction == Reduction.MAX ? "max" : "min";
    String entry = CTypes.named(what + (columns ? "_columns" : "_rows"), input.dtype());
    long width = PIECE_BYTES / input.dtype().bytes();
    long tiles = columns ? (rows + width * WARP - 1) / (width * WARP) : rows;
    long most = (long) launcher.traits().computeUnits() * 32;
    launcher.launch(
        launcher.prebuilt("reduce_plain", entry),
        Grid.of(Math.min(most, tiles * chunks()), GROUP),
        words,
        GpuBuffer.block(input),
        GpuBuffer.block(output));
  }
}
