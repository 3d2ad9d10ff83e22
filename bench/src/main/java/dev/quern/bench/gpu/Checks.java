package dev.quern.bench.gpu;

import dev.quern.Device;
import dev.quern.spi.Backend;
import java.io.PrintStream;

/**
 * Runs every task once, small, and checks the result: {@code Checks DEVICE SCALE}. For tools that
 * watch a program's every access to memory and take their time.
 */
public final class Checks {
  private Checks() {}

  /** Prints a line for each task; the exit status is 1 if one is wrong. */
  public static void main(String[] args) {
    PrintStream out = System.out;
    int failed = 0;
    try (Backend backend = Workloads.open(args[0])) {
      Device.setCurrent(Device.on(backend));
      for (Task task : Tasks.all(Double.parseDouble(args[1]))) {
        for (boolean recorded : new boolean[] {false, true}) {
          if (recorded && !Contestant.QUERN_GRAPH.does(task)) {
            continue;
          }
          String name = task.id() + (recorded ? " recorded" : "");
          try (Workload work = Workloads.of(task, recorded)) {
            out.printf("ok %s: %.3f of the allowed error%n", name, work.check());
          } catch (RuntimeException e) {
            failed++;
            out.println("FAILED " + name + ": " + e);
          }
        }
      }
    }
    if (failed > 0) {
      out.println(failed + " tasks failed");
      System.exit(1);
    }
  }
}
