package dev.quern.tck;

import org.junit.jupiter.api.Test;

/**
 * Random programs against the interpreter on the host. {@code -Dquern.tck.programs=100000} runs
 * more, {@code -Dquern.tck.seed=123} starts at another seed: that of a failure, which its message
 * names.
 */
abstract class RandomProgramTck extends Tck {
  @Test
  void shouldMatchInterpreter() {
    int programs = Integer.getInteger("quern.tck.programs", 2000);
    long start = Long.getLong("quern.tck.seed", 0);
    for (long seed = start; seed < start + programs; seed++) {
      RandomProgram program = new RandomProgram(seed);
      long s = seed;
      scoped(
          () -> {
            try {
              program.run();
            } catch (RuntimeException | AssertionError e) {
              throw new AssertionError(
                  "-Dquern.tck.seed=" + s + ": " + e.getMessage() + program.trace(), e);
            }
          });
    }
  }
}
