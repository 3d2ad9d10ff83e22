package dev.quern.kernels;

/** A piece of device memory. */
public interface Block {
  /** Returns its length in bytes. */
  long bytes();
}
