package dev.quern.trainer;

import java.io.PrintStream;
import java.util.concurrent.Callable;

/**
 * A command that another module adds to {@code quern}, found by {@link java.util.ServiceLoader}.
 */
public interface ExtraCommand {
  /**
   * Returns the command, annotated for picocli; what it returns is the exit status.
   *
   * @param out where results go
   * @param err where everything else goes
   */
  Callable<Integer> command(PrintStream out, PrintStream err);
}
