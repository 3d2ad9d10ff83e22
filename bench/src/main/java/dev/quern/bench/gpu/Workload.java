package dev.quern.bench.gpu;

/** A task with its operands, ready to run on a device. */
interface Workload extends AutoCloseable {
  /** Hands the work over; what it computes is freed with the scope around the call. */
  void run();

  /**
   * Runs once and compares with an oracle that computes on the host.
   *
   * @return the greatest error found, as a part of what is allowed
   * @throws WrongResultException if it is above 1
   */
  double check();

  @Override
  void close();
}
