package dev.quern.spi;

/** Kernels noted once, to be handed over again and again; see {@link Backend#capture}. */
public interface Replay extends AutoCloseable {
  /**
   * Hands all kernels over once more, in their order, on the same memory; not by two threads at
   * once.
   *
   * @throws IllegalStateException if the device is closed
   */
  void run();

  /** Gives up what was kept for the kernels. Work already handed over is done nevertheless. */
  @Override
  void close();
}
