package dev.quern.kernels;

import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/** Runs fused programs with the interpreter of {@code elementwise.cu}. */
final class PrebuiltMap {
  // Of program.h, WHOLE: how many elements a warp does at a time, and how many with one access.
  private static final long WHOLE = 256;
  private static final int QUAD = 4;

  /**
   * Arrays from this length on are worth a kernel of their own, and a second one for their rest.
   */
  private static final long LONG = 1 << 18;

  private final Launcher launcher;

  PrebuiltMap(Launcher launcher) {
    this.launcher = launcher;
  }

  /** Runs a program over views of at most {@link PrebuiltProgram#AXES} axes. */
  void run(Program program, List<View> views) {
    PrebuiltProgram prebuilt = new PrebuiltProgram(program, true);
    View first = views.get(0);
    int rank = first.rank();
    long inner = rank == 0 ? 1 : first.shape()[rank - 1];
    if (rank == 1 && inner >= LONG && !prebuilt.code.isWide() && isWhole(views)) {
      long whole = inner / WHOLE * WHOLE;
      launch(prebuilt, program, part(views, 0, whole), "elementwise_whole", "map_whole", 2 * QUAD);
      if (whole < inner) {
        launch(prebuilt, program, part(views, whole, inner), "elementwise", "map", QUAD);
      }
      return;
    }
    String entry = rank <= 1 ? "map" : rank == 2 ? "map_rows" : "map_axes";
    if (prebuilt.code.isWide()) {
      launch(prebuilt, program, views, "elementwise_wide", "wide_" + entry, QUAD / 2);
    } else {
      launch(prebuilt, program, views, "elementwise", entry, QUAD);
    }
  }

  // Whether single accesses to neighbours can be made everywhere.
  private static boolean isWhole(List<View> views) {
    for (View view : views) {
      long step = view.strides()[0];
      if (step != 0 && (step != 1 || view.offset() % QUAD != 0)) {
        return false;
      }
    }
    return true;
  }

  private static List<View> part(List<View> views, long from, long to) {
    return views.stream()
        .map(
            view ->
                new View(
                    view.buffer(),
                    new long[] {to - from},
                    view.strides(),
                    view.offset() + from * view.strides()[0]))
        .toList();
  }

  private void launch(
      PrebuiltProgram prebuilt,
      Program program,
      List<View> views,
      String family,
      String entry,
      int width) {
    View first = views.get(0);
    long inner = first.rank() == 0 ? 1 : first.shape()[first.rank() - 1];
    long[] words = new long[PrebuiltProgram.WORDS];
    prebuilt.fill(words, program, PrebuiltProgram.pad(views));
    long items = first.size() / inner * ((inner + width - 1) / width);
    int accesses = width > QUAD ? 2 : 1;
    int group = prebuilt.group(launcher.group(), accesses);
    long most = (long) launcher.traits().computeUnits() * 32;
    Grid grid =
        new Grid(
            Math.max(1, Math.min(most, (items + group - 1) / group)),
            1,
            1,
            group,
            1,
            prebuilt.localBytes(group, accesses));
    launcher.launch(launcher.prebuilt(family, entry), grid, words, PrebuiltProgram.blocks(views));
  }
}
