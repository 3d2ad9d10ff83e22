package dev.quern.kernels;

import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/** Runs fused programs with the interpreter of {@code elementwise.cu}. */
final class PrebuiltMap {
  private final Launcher launcher;

  PrebuiltMap(Launcher launcher) {
    this.launcher = launcher;
  }

  /** Runs a program over views of at most {@link PrebuiltProgram#AXES} axes. */
  void run(Program program, List<View> views) {
    PrebuiltProgram prebuilt = new PrebuiltProgram(program, true);
    View first = views.get(0);
    int rank = first.rank();
    long[] words = new long[PrebuiltProgram.WORDS];
    prebuilt.fill(words, program, PrebuiltProgram.pad(views));
    boolean wide = prebuilt.code.isWide();
    String entry = rank <= 1 ? "map" : rank == 2 ? "map_rows" : "map_axes";
    Kernel kernel =
        launcher.prebuilt(
            wide ? "elementwise_wide" : "elementwise", wide ? "wide_" + entry : entry);
    int width = wide ? 2 : 4;
    long inner = rank == 0 ? 1 : first.shape()[rank - 1];
    long items = first.size() / inner * ((inner + width - 1) / width);
    int group = prebuilt.group(launcher.group());
    long most = (long) launcher.traits().computeUnits() * 32;
    Grid grid =
        new Grid(
            Math.max(1, Math.min(most, (items + group - 1) / group)),
            1,
            1,
            group,
            1,
            prebuilt.localBytes(group));
    launcher.launch(kernel, grid, words, PrebuiltProgram.blocks(views));
  }
}
