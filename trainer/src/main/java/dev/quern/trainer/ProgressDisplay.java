package dev.quern.trainer;

import dev.quern.trainer.learn.Progress;
import java.util.Locale;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** Shows training on standard error: as a bar on a terminal, else as a line now and then. */
final class ProgressDisplay implements Progress, AutoCloseable {
  private static final long BAR_INTERVAL = 300_000_000L;
  private static final long LINE_INTERVAL = 5_000_000_000L;
  private static final int WIDTH = 100;

  private final Console console;
  private final int epochs;
  private final @Nullable ProgressBar bar;
  private long shown = System.nanoTime();

  ProgressDisplay(Console console, int epochs, long steps) {
    this.console = console;
    this.epochs = epochs;
    this.bar =
        console.terminal()
            ? new ProgressBarBuilder()
                .setTaskName("training")
                .setInitialMax(steps)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .setConsumer(new ConsoleProgressBarConsumer(console.err(), WIDTH))
                .build()
            : null;
  }

  @Override
  public boolean wantsLoss() {
    return System.nanoTime() - shown >= (bar == null ? LINE_INTERVAL : BAR_INTERVAL);
  }

  @Override
  public void step() {
    if (bar != null) {
      bar.step();
    }
  }

  @Override
  public void epoch(int epoch, double loss) {
    if (bar != null) {
      bar.setExtraMessage(String.format(Locale.ROOT, "loss %.5f", loss));
      shown = System.nanoTime();
    } else if (wantsLoss()) {
      console.note("epoch %,d of %,d: loss %.6f", epoch, epochs, loss);
      shown = System.nanoTime();
    }
  }

  /** Ends the bar's line. */
  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
