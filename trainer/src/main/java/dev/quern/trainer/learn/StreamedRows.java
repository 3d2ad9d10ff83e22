package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.Task;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Samples that are read when they are needed, by a thread that stays some batches ahead of the
 * device. They are the same, bit for bit, as if all were in memory.
 */
public final class StreamedRows implements Rows {
  private static final int AHEAD = 3;

  private final RowSource source;
  private final double[] targets;
  private final Task task;
  private final DType dtype;
  private final int[] rows;

  /**
   * Makes samples of some rows of a source; arrays are not copied.
   *
   * @param targets the target of every row of the source
   * @param rows the numbers of the rows that are samples
   */
  public StreamedRows(RowSource source, double[] targets, Task task, DType dtype, int... rows) {
    this.source = source;
    this.targets = targets;
    this.task = task;
    this.dtype = dtype;
    this.rows = rows;
  }

  @Override
  public long rows() {
    return rows.length;
  }

  @Override
  public Batch range(long start, long end) {
    return read(rows, (int) start, (int) end).upload();
  }

  private HostBatch read(int[] which, int start, int end) {
    return HostBatch.read(source, targets, task, dtype, which, start, end);
  }

  @Override
  public Batches batches(int[] order, int size, long first) {
    int[] which = new int[order.length];
    for (int i = 0; i < which.length; i++) {
      which[i] = rows[order[i]];
    }
    return new Prefetched(which, size, first);
  }

  private final class Prefetched implements Batches {
    private final int[] which;
    private final int size;
    private final Deque<Future<HostBatch>> ahead = new ArrayDeque<>();
    private final ExecutorService reader =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "quern-prefetch");
              thread.setDaemon(true);
              return thread;
            });
    private long start;

    Prefetched(int[] which, int size, long first) {
      this.which = which;
      this.size = size;
      this.start = first * size;
    }

    @Override
    public Batch next() {
      while (ahead.size() < AHEAD && start < which.length) {
        int from = (int) start;
        int to = (int) Math.min(start + size, which.length);
        ahead.add(reader.submit(() -> read(which, from, to)));
        start = to;
      }
      Future<HostBatch> first = ahead.poll();
      if (first == null) {
        throw new NoSuchElementException("no batch is left");
      }
      try {
        return first.get().upload();
      } catch (ExecutionException e) {
        if (e.getCause() instanceof RuntimeException fault) {
          throw fault;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for data", e);
      }
    }

    @Override
    public void close() {
      reader.shutdownNow();
    }
  }
}
