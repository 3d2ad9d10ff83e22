package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The structure {@code Program} of {@code cuda/program.h}: a program's code with its views. */
final class PrebuiltProgram {
  /** The most axes of a view. */
  static final int AXES = Geometry.MAX_AXES;

  /** The most memory that a kernel of this kind asks for; every device has it. */
  static final int LOCAL_BYTES = 44 << 10;

  private static final int VIEWS = Program.MAX_INPUTS + Program.MAX_OUTPUTS;
  private static final int HEADER = 2;
  private static final int CODE = 64;
  private static final int SLOT_BYTES = 16;
  private static final int WARP = 32;
  private static final Geometry GEOMETRY = new Geometry(HEADER, AXES, VIEWS);

  /** How many words it has. */
  static final int WORDS = GEOMETRY.constant(Program.MAX_CONSTANTS) + CODE;

  final ProgramCode code;

  PrebuiltProgram(Program program, boolean writes) {
    code = ProgramCode.of(program, writes);
  }

  /**
   * Returns how many bytes a group of so many work items shares for its slots.
   *
   * @param accesses how many accesses of 16 bytes a slot is
   */
  int localBytes(int group, int accesses) {
    return code.slots() * group * accesses * SLOT_BYTES;
  }

  /** Returns the most work items of a group, whole warps up to a number. */
  int group(int most, int accesses) {
    int group = most;
    while (localBytes(group, accesses) > LOCAL_BYTES) {
      group -= WARP;
    }
    return group;
  }

  /**
   * Fills the words in.
   *
   * @param views with {@link #AXES} axes each
   */
  void fill(long[] words, Program program, List<View> views) {
    List<DType> dtypes = views.stream().map(view -> view.buffer().dtype()).toList();
    words[0] = ProgramCode.sizes(dtypes);
    words[1] = code.words().length;
    System.arraycopy(views.get(0).shape(), 0, words, GEOMETRY.dim(0), AXES);
    for (int v = 0; v < views.size(); v++) {
      words[GEOMETRY.offset(v)] = views.get(v).offset();
      System.arraycopy(views.get(v).strides(), 0, words, GEOMETRY.stride(v, 0), AXES);
    }
    for (int c = 0; c < program.constantCount(); c++) {
      words[GEOMETRY.constant(c)] = program.constantBits(c);
    }
    int at = GEOMETRY.constant(Program.MAX_CONSTANTS);
    System.arraycopy(code.words(), 0, words, at, code.words().length);
  }

  /** Returns the blocks of the views, as many as the structure has. */
  static Block[] blocks(List<View> views) {
    Block[] blocks = new Block[VIEWS];
    Arrays.fill(blocks, GpuBuffer.block(views.get(0)));
    for (int v = 0; v < views.size(); v++) {
      blocks[v] = GpuBuffer.block(views.get(v));
    }
    return blocks;
  }

  /** Returns a view with its axes in another order and axes of 1 where there is none, -1. */
  static View arrange(View view, int... axes) {
    long[] shape = new long[axes.length];
    long[] strides = new long[axes.length];
    for (int i = 0; i < axes.length; i++) {
      shape[i] = axes[i] < 0 ? 1 : view.shape()[axes[i]];
      strides[i] = axes[i] < 0 ? 0 : view.strides()[axes[i]];
    }
    return new View(view.buffer(), shape, strides, view.offset());
  }

  /** Returns views with axes of 1 put before theirs. */
  static List<View> pad(List<View> views) {
    List<View> padded = new ArrayList<>();
    for (View view : views) {
      padded.add(Launcher.pad(view, 0, AXES - view.rank()));
    }
    return padded;
  }
}
