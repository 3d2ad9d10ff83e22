package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;

/** Reductions with the kernels of {@code reduce.cu} and {@code arg.cu}. */
final class PrebuiltReduce {
  /** Kept and reduced axes that the kernels take. */
  static final int EACH = 3;

  private static final int GROUP = 256;
  private static final int WARP = 32;

  /** How many pieces a group joins before the partial results are joined. */
  private static final long MOST_PIECES = 8192;

  private static final long LEAST_PIECES = 1024;

  /** The same for rows that are joined by columns. */
  private static final long MOST_ROWS = 512;

  private static final long LEAST_ROWS = 64;

  /** How many groups a reduction is cut into where it is large enough. */
  private static final long GROUPS = 1024;

  private final Launcher launcher;

  PrebuiltReduce(Launcher launcher) {
    this.launcher = launcher;
  }

  /** Returns whether the kernels can run a program. */
  static boolean takes(Program program, int kept, int rank) {
    PrebuiltProgram prebuilt = new PrebuiltProgram(program, false);
    return kept <= EACH
        && rank - kept <= EACH
        && prebuilt.localBytes(GROUP, 1) <= PrebuiltProgram.LOCAL_BYTES;
  }

  /** A reduction that is cut into chunks. */
  interface Chunked {
    /** Returns how many there are of each row. */
    long chunks();

    /** Reduces each chunk, the results of one chunk lying so far from those of the next. */
    void launch(View output, long distance);
  }

  /** Returns how a reduction is cut. */
  Chunked cut(Reduction reduction, Program program, List<View> inputs, int kept, boolean columns) {
    PlainReduce plain = PlainReduce.of(launcher, reduction, program, inputs, kept);
    return plain != null ? plain : new Cut(reduction, program, inputs, kept, columns);
  }

  /**
   * Returns how many pieces, or by columns rows, are joined before the partial results are. The
   * extents alone decide, so that the same sums have the same bits.
   */
  static long chunk(boolean columns, long items, long pieces) {
    long groups = columns ? (items + WARP - 1) / WARP : items;
    long wanted = Math.max(1, GROUPS / groups);
    long fair = (pieces + wanted - 1) / wanted;
    return columns
        ? Math.max(LEAST_ROWS, Math.min(MOST_ROWS, fair))
        : Math.max(LEAST_PIECES, Math.min(MOST_PIECES, fair));
  }

  private final class Cut implements Chunked {
    private final Reduction reduction;
    private final Program program;
    private final List<View> inputs;
    private final int kept;
    private final boolean columns;
    private final PrebuiltProgram prebuilt;
    private final long rows;
    private final long items;
    private final long pieces;
    private final long chunk;

    Cut(Reduction reduction, Program program, List<View> inputs, int kept, boolean columns) {
      this.reduction = reduction;
      this.program = program;
      this.inputs = inputs;
      this.kept = kept;
      this.columns = columns && kept > 0;
      prebuilt = new PrebuiltProgram(program, false);
      long width = prebuilt.code.isWide() ? 2 : 4;
      long[] shape = inputs.get(0).shape();
      rows = Launcher.product(shape, 0, kept);
      long reduced = Launcher.product(shape, kept, shape.length);
      int last = this.columns ? kept - 1 : shape.length - 1;
      // Where nothing is reduced, there is one element a row.
      long inner = this.columns || last >= kept ? shape[last] : 1;
      long across = (inner + width - 1) / width;
      items = this.columns ? rows / inner * across : rows;
      pieces = this.columns ? reduced : reduced / inner * across;
      chunk =
          reduction == Reduction.LOG_SUM_EXP
              ? pieces
              : PrebuiltReduce.chunk(this.columns, items, pieces);
    }

    @Override
    public long chunks() {
      return (pieces + chunk - 1) / chunk;
    }

    @Override
    public void launch(View output, long distance) {
      long[] words = new long[PrebuiltProgram.WORDS + 11];
      List<View> views = new ArrayList<>();
      for (View input : inputs) {
        views.add(arrange(input));
      }
      // The results stand still on the reduced axes.
      views.add(arrange(Launcher.pad(output, kept, inputs.get(0).rank() - kept)));
      prebuilt.fill(words, program, views);
      int at = PrebuiltProgram.WORDS;
      int team = columns ? GROUP / WARP : team(Math.min(pieces, chunk));
      DType dtype = output.dtype();
      words[at++] = items;
      words[at++] = pieces;
      words[at++] = chunk;
      words[at++] = chunks();
      words[at++] = distance;
      words[at++] = team;
      words[at++] = columns ? 1 : 0;
      words[at++] = inputs.size();
      words[at++] = join(reduction, dtype);
      words[at++] = start(reduction, dtype);
      words[at] = reduction == Reduction.LOG_SUM_EXP ? 1 : 0;
      boolean wide = prebuilt.code.isWide();
      Kernel kernel =
          launcher.prebuilt(wide ? "reduce_wide" : "reduce", wide ? "wide_reduce" : "reduce");
      long teams = GROUP / team;
      long most = (long) launcher.traits().computeUnits() * 32;
      long groups = Math.min(most, (items * chunks() + teams - 1) / teams);
      Grid grid = new Grid(groups, 1, 1, GROUP, 1, prebuilt.localBytes(GROUP, 1));
      launcher.launch(kernel, grid, words, PrebuiltProgram.blocks(views));
    }

    // The neighbours that a work item takes together lie on the last axis.
    private View arrange(View view) {
      int rank = view.rank();
      int[] axes = new int[2 * EACH];
      for (int i = 0; i < EACH; i++) {
        int keptAxis = kept - EACH + i;
        int reducedAxis = rank - EACH + i;
        axes[i] = keptAxis >= 0 ? keptAxis : -1;
        axes[EACH + i] = reducedAxis >= kept ? reducedAxis : -1;
      }
      if (columns) {
        int last = axes[EACH - 1];
        System.arraycopy(axes, EACH, axes, EACH - 1, EACH);
        axes[2 * EACH - 1] = last;
      }
      return PrebuiltProgram.arrange(view, axes);
    }
  }

  // How many work items share so many pieces.
  private static int team(long pieces) {
    if (pieces > 4 * WARP) {
      return GROUP;
    }
    int team = 1;
    while (team < WARP && team < pieces) {
      team *= 2;
    }
    return team;
  }

  private static long join(Reduction reduction, DType dtype) {
    int how =
        switch (reduction) {
          case SUM -> 0;
          case PROD -> 1;
          case MAX, LOG_SUM_EXP -> 2;
          case MIN -> 3;
        };
    return switch (dtype) {
      case F32 -> how;
      case F64 -> 4 + how;
      case I32 -> 8 + how;
      case I64 -> 12 + how;
      case F16, BF16 -> throw new IllegalArgumentException("reduce: " + dtype + " is storage only");
      case BOOL -> reduction == Reduction.MAX ? 16 : 17;
    };
  }

  // What changes no value it is joined with: of a sum of floats -0, since 0 would change -0.
  private static long start(Reduction reduction, DType dtype) {
    return reduction == Reduction.SUM && dtype.isFloat()
        ? Program.bits(dtype, -0.0)
        : ReduceKernel.identity(reduction, dtype);
  }

  /** Finds places; the input has at most {@link #EACH} kept and reduced axes. */
  void arg(boolean max, View input, int kept, View output) {
    int reducedAxes = input.rank() - kept;
    View from = Launcher.pad(Launcher.pad(input, kept, EACH - reducedAxes), 0, EACH - kept);
    View to = Launcher.pad(Launcher.pad(output, kept, EACH), 0, EACH - kept);
    long rows = Launcher.product(from.shape(), 0, EACH);
    long reduced = Launcher.product(from.shape(), EACH, 2 * EACH);
    int team = team(reduced);
    Geometry geometry = new Geometry(4, 2 * EACH, 2);
    long[] words = geometry.words(from.shape(), List.of(from, to), Launcher.NOTHING);
    words[0] = rows;
    words[1] = reduced;
    words[2] = team;
    words[3] = max ? 1 : 0;
    Kernel kernel = launcher.prebuilt("arg", CTypes.named("arg", input.dtype()));
    long teams = GROUP / team;
    long most = (long) launcher.traits().computeUnits() * 32;
    Grid grid = Grid.of(Math.min(most, (rows + teams - 1) / teams), GROUP);
    launcher.launch(kernel, grid, words, GpuBuffer.block(input), GpuBuffer.block(output));
  }
}
