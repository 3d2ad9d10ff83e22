package dev.quern.bench;

import java.util.Optional;

/** A library, or a limit of the machine, that can be asked to compute things. */
public interface Contender {
  /** Returns its name on the command line of {@link Worker}: lower case, no spaces. */
  String name();

  /** Sets how many threads it may use; called once, before anything else. */
  void threads(int count);

  /** Returns what it is and in which version. */
  String version();

  /** Makes something ready to run, or returns nothing if this contender has no way to do it. */
  Optional<Work> prepare(Spec spec);

  /** Something ready to run. */
  interface Work extends AutoCloseable {
    /** Does it once; returns when it is done. */
    void run();

    /** Returns the elements of the result of the last run, row by row. */
    float[] result();

    @Override
    void close();
  }
}
