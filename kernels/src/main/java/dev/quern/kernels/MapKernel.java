package dev.quern.kernels;

import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs fused programs, {@code elementwise.cl}. */
final class MapKernel {
  private static final int HEADER = 2;
  private static final int WIDTH = 4;

  /** Up to how many columns rows share a group on a GPU. */
  private static final int NARROW = 16;

  /** Elements that a work item of a processor should have at least. */
  private static final int PIECE = 4096;

  private final Launcher launcher;
  private final PrebuiltMap prebuilt;

  MapKernel(Launcher launcher) {
    this.launcher = launcher;
    prebuilt = new PrebuiltMap(launcher);
  }

  /** See {@link dev.quern.spi.Backend#map}. */
  void run(Program program, List<View> inputs, List<View> outputs) {
    List<View> views = new ArrayList<>(inputs);
    views.addAll(outputs);
    View first = views.get(0);
    if (first.size() == 0) {
      return;
    }
    if (first.rank() > Geometry.MAX_AXES) {
      for (long i = 0; i < first.shape()[0]; i++) {
        run(program, Launcher.slice(inputs, 0, i), Launcher.slice(outputs, 0, i));
      }
      return;
    }
    if (launcher.traits().prebuilt()) {
      prebuilt.run(program, views);
      return;
    }
    boolean small = Launcher.isSmall(first.size());
    int missing = small ? Geometry.MAX_AXES - first.rank() : 0;
    runPadded(program, Launcher.pad(inputs, 0, missing), Launcher.pad(outputs, 0, missing), small);
  }

  private void runPadded(Program program, List<View> inputs, List<View> outputs, boolean small) {
    List<View> views = new ArrayList<>(inputs);
    views.addAll(outputs);
    View first = views.get(0);
    int rank = first.rank();
    Geometry geometry = new Geometry(HEADER, rank, views.size());
    long[] words = geometry.words(first.shape(), views, program);
    words[0] = Launcher.product(first.shape(), 0, rank - 1);
    words[1] = rank == 0 ? 1 : first.shape()[rank - 1];
    boolean narrow = Geometry.isNarrow(views);
    String steps = small ? "s".repeat(views.size()) : steps(views, rank);
    boolean vector = launcher.traits().gpu() && rank <= 1 && isVector(steps, views, words[1]);
    String entry = vector ? "map_vector" : "map";
    boolean interleaved = launcher.traits().gpu() && !small;
    String key =
        entry
            + rank
            + steps
            + narrow
            + interleaved
            + aliases(inputs, outputs)
            + program.structure();
    Kernel kernel =
        launcher.kernel(
            key,
            "elementwise",
            entry,
            () -> {
              Map<String, String> defines =
                  defines(program, inputs, outputs, geometry, steps, narrow, vector);
              if (interleaved) {
                defines.put("INTERLEAVED", "1");
              }
              return defines;
            });
    Block[] blocks = new Block[views.size()];
    for (int v = 0; v < blocks.length; v++) {
      blocks[v] = GpuBuffer.block(views.get(v));
    }
    launcher.launch(kernel, grid(words[0], words[1], vector), words, blocks);
  }

  private Grid grid(long outer, long inner, boolean vector) {
    Traits traits = launcher.traits();
    if (vector) {
      return launcher.items(inner / WIDTH);
    }
    long most = (long) traits.computeUnits() * (traits.gpu() ? 32 : 4);
    if (!traits.gpu()) {
      long pieces = Math.max(1, Math.min(most, inner / PIECE));
      long rows = Math.max(1, Math.min(most, outer * Math.min(inner, PIECE) / PIECE));
      return new Grid(pieces, Math.min(outer, rows), 1, 1, 1);
    }
    int size = launcher.group();
    // Two forms only: some drivers compile a kernel again for each form of group.
    int sizeX = inner > NARROW ? size : Math.min(NARROW, size);
    int sizeY = size / sizeX;
    long groupsX = Math.min(most, (inner + sizeX - 1) / sizeX);
    long groupsY = Math.min(Math.max(1, most / groupsX), (outer + sizeY - 1) / sizeY);
    return new Grid(groupsX, groupsY, 1, sizeX, sizeY);
  }

  // How far each view moves along the last axis, where it is the compiler's business: 0, 1, more.
  private static String steps(List<View> views, int rank) {
    StringBuilder text = new StringBuilder();
    for (View view : views) {
      long step = rank == 0 ? 0 : view.strides()[rank - 1];
      text.append(step == 0 ? '0' : step == 1 ? '1' : 's');
    }
    return text.toString();
  }

  private static boolean isVector(String steps, List<View> views, long inner) {
    for (int v = 0; v < steps.length(); v++) {
      View view = views.get(v);
      // vload4 needs no more than an element's alignment, but aligned ones are single accesses
      if (steps.charAt(v) == 's' || (steps.charAt(v) == '1' && view.offset() % WIDTH != 0)) {
        return false;
      }
    }
    return inner >= WIDTH;
  }

  // A written buffer that is also read must not be promised to be apart from the others.
  private static boolean aliases(List<View> inputs, List<View> outputs) {
    for (View in : inputs) {
      for (View out : outputs) {
        if (in.buffer() == out.buffer()) {
          return true;
        }
      }
    }
    return false;
  }

  private Map<String, String> defines(
      Program program,
      List<View> inputs,
      List<View> outputs,
      Geometry geometry,
      String steps,
      boolean narrow,
      boolean vector) {
    Map<String, String> defines =
        launcher.common(narrow, geometry.constant(program.constantCount()));
    int rank = geometry.axes();
    String apart = aliases(inputs, outputs) ? "" : "restrict ";
    defines.put("ARGUMENTS", arguments(program, outputs.size(), apart));

    StringBuilder locate = new StringBuilder();
    geometry.start(locate, 0, geometry.views());
    geometry.walk(locate, "o", "at", 0, Math.max(0, rank - 1), 0, geometry.views());
    defines.put("LOCATE", locate.toString());

    StringBuilder run = new StringBuilder();
    for (int v = 0; v < inputs.size(); v++) {
      ProgramText.declare(run, program.dtype(v), "v" + v);
      run.append("in").append(v).append(place(geometry, steps, v)).append("; ");
    }
    ProgramText.compute(run, program, geometry);
    for (int k = 0; k < outputs.size(); k++) {
      run.append("out").append(k).append(place(geometry, steps, inputs.size() + k));
      run.append(" = v").append(program.output(k)).append("; ");
    }
    defines.put("RUN", run.toString());
    if (vector) {
      defines.put("WIDTH", Integer.toString(WIDTH));
      defines.put("RUN_VECTOR", vector(program, inputs.size(), outputs.size(), geometry, steps));
    }
    return defines;
  }

  /** Returns the declarations of the pointers of a program's inputs and outputs. */
  static String arguments(Program program, int outputs, String apart) {
    StringBuilder text = new StringBuilder();
    for (int v = 0; v < program.inputCount(); v++) {
      text.append(v == 0 ? "" : ", ").append("global const ").append(CTypes.name(program.dtype(v)));
      text.append("* ").append(apart).append("in").append(v);
    }
    for (int k = 0; k < outputs; k++) {
      text.append(text.isEmpty() ? "" : ", ").append("global ");
      text.append(CTypes.name(program.dtype(program.output(k))));
      text.append("* ").append(apart).append("out").append(k);
    }
    return text.toString();
  }

  private static String place(Geometry geometry, String steps, int view) {
    String place = "[at" + view;
    return switch (steps.charAt(view)) {
      case '0' -> place + "]";
      case '1' -> place + " + i]";
      default -> place + " + i * (INDEX)p.v[" + geometry.stride(view, geometry.axes() - 1) + "]]";
    };
  }

  // Loads WIDTH elements of each input at once, computes lane by lane, stores likewise.
  private static String vector(
      Program program, int inputs, int outputs, Geometry geometry, String steps) {
    StringBuilder text = new StringBuilder();
    for (int v = 0; v < inputs; v++) {
      if (steps.charAt(v) == '1') {
        String type = plain(CTypes.name(program.dtype(v)));
        text.append("const ").append(type).append(WIDTH).append(" r").append(v);
        text.append(" = vload4(j, in").append(v).append(" + at").append(v).append("); ");
      }
    }
    for (int k = 0; k < outputs; k++) {
      String type = plain(CTypes.name(program.dtype(program.output(k))));
      text.append(type).append(WIDTH).append(" w").append(k).append("; ");
    }
    for (int lane = 0; lane < WIDTH; lane++) {
      text.append("{ ");
      for (int v = 0; v < inputs; v++) {
        ProgramText.declare(text, program.dtype(v), "v" + v);
        if (steps.charAt(v) == '1') {
          text.append('r').append(v).append(".s").append(lane).append("; ");
        } else {
          text.append("in").append(v).append("[at").append(v).append("]; ");
        }
      }
      ProgramText.compute(text, program, geometry);
      for (int k = 0; k < outputs; k++) {
        text.append('w').append(k).append(".s").append(lane);
        text.append(" = v").append(program.output(k)).append("; ");
      }
      text.append("} ");
    }
    for (int k = 0; k < outputs; k++) {
      text.append("vstore4(w").append(k).append(", j, out").append(k);
      text.append(" + at").append(inputs + k).append("); ");
    }
    return text.toString();
  }

  // Vectors have the language's own names.
  private static String plain(String name) {
    return switch (name) {
      case "q_f32" -> "float";
      case "q_f64" -> "double";
      case "q_i32" -> "int";
      case "q_i64" -> "long";
      case "q_f16", "q_bf16" -> "ushort";
      default -> "uchar";
    };
  }
}
