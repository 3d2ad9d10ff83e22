package dev.quern.bench;

import dev.quern.trainer.ExtraCommand;
import java.io.PrintStream;
import java.util.concurrent.Callable;

/** Adds {@code bench} to the {@code quern} command. */
public final class BenchExtra implements ExtraCommand {
  /** Creates it; {@link java.util.ServiceLoader} does. */
  public BenchExtra() {}

  @Override
  public Callable<Integer> command(PrintStream out, PrintStream err) {
    return new BenchCommand(out, err);
  }
}
