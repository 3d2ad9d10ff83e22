package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reductions and argReduce, {@code reduce.cl}. */
final class ReduceKernel {
  private static final int HEADER = 5;

  /** The most elements that one work item adds up before the partial results are added. */
  private static final int ITEM_CHUNK = 4096;

  /** The same for a work item of a group. */
  private static final int GROUP_ITEM_CHUNK = 64;

  /** Rows up to this length have one work item each. */
  private static final int SHORT = 64;

  private final Launcher launcher;
  private final MapKernel map;
  private final PrebuiltReduce prebuilt;

  ReduceKernel(Launcher launcher, MapKernel map) {
    this.launcher = launcher;
    this.map = map;
    prebuilt = new PrebuiltReduce(launcher);
  }

  /** See {@link dev.quern.spi.Backend#reduce}. */
  void run(Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    long[] shape = inputs.get(0).shape();
    if (Launcher.product(shape, 0, kept) == 0) {
      return;
    }
    if (Launcher.product(shape, kept, shape.length) == 0) {
      map.run(
          Program.fill(output.dtype(), identity(reduction, output.dtype())),
          List.of(),
          List.of(output));
    } else if (!takes(program, kept, shape.length)) {
      ofDense(
          program,
          inputs,
          kept,
          output,
          (copy, dense, out) -> run(reduction, copy, List.of(dense), 1, out));
    } else if (launcher.traits().prebuilt()) {
      pieces(reduction, program, inputs, kept, output);
    } else if (reduction == Reduction.LOG_SUM_EXP) {
      rows(reduction, program, inputs, kept, output);
    } else {
      chunks(reduction, program, inputs, kept, output);
    }
  }

  /** See {@link dev.quern.spi.Backend#argReduce}. */
  void argRun(boolean max, View input, int kept, View output) {
    Program copy = Program.copy(input.dtype());
    if (Launcher.product(input.shape(), 0, kept) == 0) {
      return;
    }
    if (!takes(copy, kept, input.rank())) {
      ofDense(copy, List.of(input), kept, output, (same, dense, out) -> argRun(max, dense, 1, out));
      return;
    }
    if (launcher.traits().prebuilt()) {
      prebuilt.arg(max, input, kept, output);
      return;
    }
    Form form = new Form(copy, List.of(input), kept, output, max ? "argmax" : "argmin");
    form.launch("arg", form.isGroup(), 1, form.reduced, 0);
  }

  private boolean takes(Program program, int kept, int rank) {
    return launcher.traits().prebuilt()
        ? PrebuiltReduce.takes(program, kept, rank)
        : rank <= Geometry.MAX_AXES;
  }

  private interface OfDense {
    void run(Program copy, View dense, View output);
  }

  // More axes than a kernel takes: the program's value is written out and has two.
  private void ofDense(Program program, List<View> inputs, int kept, View output, OfDense rest) {
    long[] shape = inputs.get(0).shape();
    DType dtype = program.dtype(program.output(0));
    View whole = launcher.scratch(dtype, shape);
    long rows = Launcher.product(shape, 0, kept);
    long length = Launcher.product(shape, kept, shape.length);
    try (var buffer = whole.buffer()) {
      map.run(program, inputs, List.of(whole));
      View dense = new View(buffer, new long[] {rows, length}, new long[] {length, 1}, 0);
      if (output.isContiguous()) {
        rest.run(Program.copy(dtype), dense, flat(output, rows));
      } else {
        View results = launcher.scratch(output.dtype(), output.shape());
        try (var ignored = results.buffer()) {
          rest.run(Program.copy(dtype), dense, flat(results, rows));
          map.run(Program.copy(output.dtype()), List.of(results), List.of(output));
        }
      }
    }
  }

  private static View flat(View view, long size) {
    return new View(view.buffer(), new long[] {size}, new long[] {1}, view.offset());
  }

  private void rows(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    Form form = new Form(program, inputs, kept, output, reduction.name());
    form.launch("log_sum_exp", form.isGroup(), 1, form.reduced, 0);
  }

  private void chunks(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    Form form = new Form(program, inputs, kept, output, reduction.name());
    boolean group = form.isGroup();
    long chunk = group ? (long) launcher.group() * GROUP_ITEM_CHUNK : ITEM_CHUNK;
    if (!group && form.rows < 4L * launcher.traits().computeUnits()) {
      // Few results: shorter chunks keep all units busy; the extents alone decide.
      chunk = Math.max(512, Math.min(chunk, form.reduced / 64));
    }
    long count = (form.reduced + chunk - 1) / chunk;
    if (count == 1) {
      form.launch("reduce", group, 1, form.reduced, 0);
      return;
    }
    long length = chunk;
    inChunks(
        reduction,
        output,
        kept,
        count,
        (partial, distance) ->
            new Form(program, inputs, kept, partial, reduction.name())
                .launch("reduce", group, count, length, distance));
  }

  private void pieces(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    PrebuiltReduce.Chunked cut =
        prebuilt.cut(reduction, program, inputs, kept, isByColumns(inputs, kept));
    if (cut.chunks() == 1) {
      cut.launch(output, 0);
    } else {
      inChunks(reduction, output, kept, cut.chunks(), cut::launch);
    }
  }

  private interface OfChunks {
    void run(View partial, long distance);
  }

  // Reduces chunks to as many partial results, and then these.
  private void inChunks(Reduction reduction, View output, int kept, long count, OfChunks ofChunks) {
    DType dtype = output.dtype();
    long[] dims = output.shape();
    long rows = Launcher.product(dims, 0, kept);
    View partial = launcher.scratch(dtype, count, rows);
    try (var buffer = partial.buffer()) {
      long[] strides = new long[kept];
      long step = 1;
      for (int i = kept - 1; i >= 0; i--) {
        strides[i] = step;
        step *= dims[i];
      }
      ofChunks.run(new View(buffer, dims, strides, 0), rows);
      long[] all = new long[kept + 1];
      long[] steps = new long[kept + 1];
      System.arraycopy(dims, 0, all, 0, kept);
      System.arraycopy(strides, 0, steps, 0, kept);
      all[kept] = count;
      steps[kept] = rows;
      View again = new View(buffer, all, steps, 0);
      run(reduction, Program.copy(dtype), List.of(again), kept, output);
    }
  }

  /** Returns what changes no value but -0 that it is joined with. */
  static long identity(Reduction reduction, DType dtype) {
    return switch (reduction) {
      case SUM -> Program.bits(dtype, 0);
      case PROD -> Program.bits(dtype, 1);
      case MAX, LOG_SUM_EXP ->
          switch (dtype) {
            case F16, BF16, F32, F64 -> Program.bits(dtype, Double.NEGATIVE_INFINITY);
            case I32 -> Integer.MIN_VALUE;
            case I64 -> Long.MIN_VALUE;
            case BOOL -> 0;
          };
      case MIN ->
          switch (dtype) {
            case F16, BF16, F32, F64 -> Program.bits(dtype, Double.POSITIVE_INFINITY);
            case I32 -> Integer.MAX_VALUE;
            case I64 -> Long.MAX_VALUE;
            case BOOL -> 1;
          };
    };
  }

  // Whether neighbouring results come of neighbouring elements. The input with the most elements
  // decides.
  private static boolean isByColumns(List<View> inputs, int kept) {
    long most = 0;
    boolean columns = false;
    for (View view : inputs) {
      long size = 1;
      for (int i = 0; i < view.rank(); i++) {
        size *= view.strides()[i] == 0 ? 1 : view.shape()[i];
      }
      if (size > most) {
        most = size;
        long across = kept == 0 ? 0 : Math.abs(view.strides()[kept - 1]);
        columns = across != 0 && across < Math.abs(view.strides()[view.rank() - 1]);
      }
    }
    return columns;
  }

  /** One reduction: its extents, words and the text of its kernel. */
  private final class Form {
    final Program program;
    final List<View> inputs;
    final int kept;
    final String what;
    final long rows;
    final long reduced;
    private final List<View> views;
    private final Geometry geometry;
    private final boolean small;

    Form(Program program, List<View> inputs, int kept, View output, String what) {
      this.program = program;
      this.what = what;
      long[] shape = inputs.get(0).shape();
      rows = Launcher.product(shape, 0, kept);
      reduced = Launcher.product(shape, kept, shape.length);
      int across = shape.length - kept;
      small = Launcher.isSmall(rows * reduced) && kept <= 2 && across <= 2;
      this.kept = small ? 2 : kept;
      List<View> padded = Launcher.pad(inputs, 0, this.kept - kept);
      this.inputs = Launcher.pad(padded, this.kept, small ? 2 - across : 0);
      views = new ArrayList<>(this.inputs);
      views.add(Launcher.pad(output, 0, this.kept - kept));
      geometry = new Geometry(HEADER, this.inputs.get(0).rank(), views.size());
    }

    /** Returns whether a group shares a row. */
    boolean isGroup() {
      boolean columns = isByColumns(inputs, kept) && rows >= 1024;
      return launcher.traits().gpu() && reduced > SHORT && !columns;
    }

    void launch(String name, boolean group, long chunks, long chunk, long distance) {
      long[] words = geometry.words(inputs.get(0).shape(), views, program);
      words[0] = rows;
      words[1] = reduced;
      words[2] = chunk;
      words[3] = chunks;
      words[4] = distance;
      boolean narrow = Geometry.isNarrow(views) && rows * chunks < Integer.MAX_VALUE;
      String entry = name + (group ? "_group" : "_item");
      String steps = steps();
      String key =
          entry + what + kept + "," + geometry.axes() + steps + narrow + program.structure();
      Kernel kernel = launcher.kernel(key, "reduce", entry, () -> defines(group, narrow, steps));
      Block[] blocks = new Block[views.size()];
      for (int v = 0; v < blocks.length; v++) {
        blocks[v] = GpuBuffer.block(views.get(v));
      }
      long items = rows * chunks;
      launcher.launch(
          kernel, group ? launcher.groups(items) : launcher.items(items), words, blocks);
    }

    // Where one axis is reduced, how far each input moves along it is the compiler's business.
    private String steps() {
      if (geometry.axes() - kept != 1) {
        return "";
      }
      StringBuilder text = new StringBuilder();
      for (View view : inputs) {
        long step = view.strides()[kept];
        text.append(step == 0 ? '0' : step == 1 ? '1' : 's');
      }
      return text.toString();
    }

    private Map<String, String> defines(boolean group, boolean narrow, String steps) {
      Map<String, String> defines =
          launcher.common(narrow, geometry.constant(program.constantCount()));
      DType dtype = program.dtype(program.output(0));
      defines.put("ARGUMENTS", MapKernel.arguments(program, 0, "restrict "));
      defines.put("T", CTypes.name(dtype));
      if (group) {
        defines.put("GROUP", Integer.toString(launcher.group()));
      }
      combine(defines, dtype);

      int out = inputs.size();
      StringBuilder keptText = new StringBuilder();
      geometry.start(keptText, 0, views.size());
      geometry.walk(keptText, "o", "at", 0, kept, 0, views.size());
      defines.put("KEPT", keptText.toString());
      defines.put("AT_OUT", "at" + out);
      defines.put("VALUE(to, j)", value(steps));
      return defines;
    }

    private void combine(Map<String, String> defines, DType dtype) {
      boolean logical = dtype == DType.BOOL;
      boolean whole = dtype == DType.I32 || dtype == DType.I64;
      String unsigned = dtype == DType.I32 ? "uint" : "ulong";
      switch (what) {
        case "SUM" ->
            defines.put("JOIN(a, b)", whole ? wrapped(dtype, unsigned, "+") : "((a) + (b))");
        case "PROD" ->
            defines.put("JOIN(a, b)", whole ? wrapped(dtype, unsigned, "*") : "((a) * (b))");
        case "MAX" ->
            defines.put(
                "JOIN(a, b)", logical ? "((a) | (b))" : CTypes.function("max", dtype) + "(a, b)");
        case "MIN" ->
            defines.put(
                "JOIN(a, b)", logical ? "((a) & (b))" : CTypes.function("min", dtype) + "(a, b)");
        case "argmax" -> defines.put("BETTER(a, b)", "((a) > (b))");
        case "argmin" -> defines.put("BETTER(a, b)", "((a) < (b))");
        default -> {
          defines.put("LOG_SUM_EXP", "1");
          functions(defines, dtype);
        }
      }
    }

    private static String wrapped(DType dtype, String unsigned, String operator) {
      return "(("
          + CTypes.name(dtype)
          + ")(("
          + unsigned
          + ")(a) "
          + operator
          + " ("
          + unsigned
          + ")(b)))";
    }

    private String value(String steps) {
      StringBuilder text = new StringBuilder("{ ");
      if (steps.isEmpty()) {
        for (int v = 0; v < inputs.size(); v++) {
          text.append("INDEX by").append(v).append(" = at").append(v).append("; ");
        }
        geometry.walk(text, "(j)", "by", kept, geometry.axes(), 0, inputs.size());
      }
      for (int v = 0; v < inputs.size(); v++) {
        ProgramText.declare(text, program.dtype(v), "v" + v);
        text.append("in").append(v).append(place(steps, v)).append("; ");
      }
      ProgramText.compute(text, program, geometry);
      return text.append("to = v").append(program.output(0)).append("; }").toString();
    }

    private String place(String steps, int view) {
      if (steps.isEmpty()) {
        return "[by" + view + "]";
      }
      String place = "[at" + view;
      return switch (steps.charAt(view)) {
        case '0' -> place + "]";
        case '1' -> place + " + (j)]";
        default -> place + " + (j) * (INDEX)p.v[" + geometry.stride(view, kept) + "]]";
      };
    }
  }

  /** Adds the functions that softmax and log-sum-exp need. */
  static void functions(Map<String, String> defines, DType dtype) {
    defines.put("MAX", CTypes.function("max", dtype));
    defines.put("EXP", CTypes.function("exp", dtype));
    defines.put("LOG", CTypes.function("log", dtype));
  }
}
