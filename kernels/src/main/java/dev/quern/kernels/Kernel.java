package dev.quern.kernels;

/** A compiled kernel of one driver. */
public interface Kernel {
  /** Returns its name, for errors and profiles. */
  String name();
}
