package dev.quern.spi;

/**
 * One kernel that ran while a profile was open.
 *
 * @param kernel what it computed
 * @param shapes of its inputs and outputs
 * @param nanos how long the device took, in nanoseconds
 * @param bytes how much it had to read and write at least
 * @param flops how many operations on elements it made, a fused multiply-add counting as two
 */
public record KernelRun(String kernel, String shapes, long nanos, long bytes, long flops) {
  /** Returns the memory traffic in 10^9 bytes a second. */
  public double gigabytesPerSecond() {
    return nanos == 0 ? 0 : (double) bytes / nanos;
  }

  /** Returns the operations in 10^9 a second. */
  public double gigaflopsPerSecond() {
    return nanos == 0 ? 0 : (double) flops / nanos;
  }
}
