package dev.quern;

import dev.quern.internal.Engine;
import dev.quern.spi.KernelRun;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * What each kernel of a device did while this was open. Every kernel is waited for while a profile
 * is open, so that the whole is slower but each figure is the device's own.
 *
 * <pre>{@code
 * try (Profile profile = device.profile()) {
 *   train();
 *   System.out.println(profile);
 * }
 * }</pre>
 */
public final class Profile implements AutoCloseable {
  private final Engine engine;
  private final List<KernelRun> runs = Collections.synchronizedList(new ArrayList<>());

  Profile(Engine engine) {
    this.engine = engine;
    engine.observe(runs::add);
  }

  /** Returns the kernels that have run so far, in their order. */
  public List<KernelRun> runs() {
    synchronized (runs) {
      return List.copyOf(runs);
    }
  }

  /** Stops recording. */
  @Override
  public void close() {
    engine.observe(null);
  }

  /** Returns a table of the runs, one line each. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(String.format(Locale.ROOT, "%10s %8s %9s  kernel%n", "us", "GB/s", "GFLOP/s"));
    for (KernelRun run : runs()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%10.1f %8.1f %9.1f  %s %s%n",
              run.nanos() / 1e3,
              run.gigabytesPerSecond(),
              run.gigaflopsPerSecond(),
              run.kernel(),
              run.shapes()));
    }
    return text.toString();
  }
}
