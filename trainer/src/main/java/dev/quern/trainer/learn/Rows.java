package dev.quern.trainer.learn;

/** Samples to train on or to measure with, wherever they lie. */
public interface Rows {
  /** Returns the number of samples. */
  long rows();

  /** Returns the samples from {@code start} to before {@code end}, on the current device. */
  Batch range(long start, long end);

  /**
   * Returns the batches of an epoch.
   *
   * @param order the samples' numbers in the order to take them
   * @param size samples in a batch; the last may have fewer
   * @param first the number of the batch to begin with
   */
  Batches batches(int[] order, int size, long first);

  /** Batches one after the other. */
  interface Batches extends AutoCloseable {
    /**
     * Returns the next batch, on the current device.
     *
     * @throws java.util.NoSuchElementException if there is none
     */
    Batch next();

    @Override
    void close();
  }
}
