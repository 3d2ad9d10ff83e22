package dev.quern.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * A pool for short bursts of work. Idle workers spin for a moment before they park, since the next
 * burst usually comes within microseconds and waking a parked thread costs more than the burst.
 *
 * <p>One job runs at a time. Whoever comes while one is running, another thread or a task of the
 * job itself, does its work alone: nobody ever waits for a lock.
 */
final class Threads implements AutoCloseable {
  // As long as a training step spends between two bursts.
  private static final long SPIN_NANOS = 200_000;

  private static final long WAIT_NANOS = 50_000;

  /** Below this much work, handing it out costs more than it gains. */
  private static final double MIN_NANOS = 12_000;

  private static final double NANOS_PER_TASK = 6_000;

  /** A task, numbered from 0. */
  @FunctionalInterface
  interface Task {
    void run(int index);
  }

  /** The items from {@code from} to {@code to}, exclusive. */
  @FunctionalInterface
  interface Range {
    void run(long from, long to);
  }

  /**
   * Tasks, an equal share for each thread, in order: where the same work comes again, each thread
   * finds what it had in its caches. Who is done with its share takes from those of others.
   */
  private static final class Job {
    final Task task;
    final int count;
    final int shares;
    // The next task of each share.
    final AtomicIntegerArray next;
    final AtomicInteger pending;
    final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

    Job(Task task, int count, int shares) {
      this.task = task;
      this.count = count;
      this.shares = shares;
      next = new AtomicIntegerArray(shares);
      for (int s = 0; s < shares; s++) {
        next.set(s, first(s));
      }
      pending = new AtomicInteger(count);
    }

    private int first(int share) {
      return (int) ((long) count * share / shares);
    }

    /** Does tasks until none is left to begin, those of the given share first. */
    void work(int own) {
      for (int i = 0; i < shares; i++) {
        int share = (own + i) % shares;
        int end = first(share + 1);
        int index;
        // Looked at first: who comes late leaves the counter as it is.
        while (next.get(share) < end && (index = next.getAndIncrement(share)) < end) {
          run(index);
        }
      }
    }

    private void run(int index) {
      try {
        if (failure.get() == null) {
          task.run(index);
        }
      } catch (Throwable t) {
        failure.compareAndSet(null, t);
      } finally {
        pending.decrementAndGet();
      }
    }
  }

  private final class Worker extends Thread {
    final int number;
    volatile boolean parked;

    Worker(int number) {
      super("quern-cpu-" + number);
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      Job last = null;
      long idleSince = System.nanoTime();
      while (!closed) {
        Job current = job;
        if (current != null && current != last) {
          current.work(number);
          last = current;
          idleSince = System.nanoTime();
        } else if (System.nanoTime() - idleSince < SPIN_NANOS) {
          Thread.onSpinWait();
        } else {
          // A finished job must not keep its operands alive.
          last = null;
          parked = true;
          while (job == null && !closed) {
            LockSupport.park(this);
          }
          parked = false;
          idleSince = System.nanoTime();
        }
      }
    }
  }

  private final int size;
  private final Worker[] workers;
  private final AtomicBoolean busy = new AtomicBoolean();
  private volatile @Nullable Job job;
  private volatile boolean closed;

  /** Creates a pool of {@code size} threads, of which the caller of {@link #run} is one. */
  Threads(int size) {
    this.size = size;
    workers = new Worker[size - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Returns the number of threads that {@code quern.threads} or {@code QUERN_THREADS} asks for. */
  static int configured() {
    String text = System.getProperty("quern.threads");
    if (text == null) {
      text = System.getenv("QUERN_THREADS");
    }
    if (text == null || text.isBlank()) {
      return Runtime.getRuntime().availableProcessors();
    }
    try {
      int threads = Integer.parseInt(text.strip());
      if (threads >= 1 && threads <= 4096) {
        return threads;
      }
    } catch (NumberFormatException e) {
      // Falls through to the same message.
    }
    throw new IllegalArgumentException("quern.threads: not a number from 1 to 4096: " + text);
  }

  /** Returns the number of threads. */
  int size() {
    return size;
  }

  /** Runs the tasks 0 to {@code count - 1} in any order and returns when all are done. */
  void run(int count, Task task) {
    if (count <= 1 || size == 1 || !busy.compareAndSet(false, true)) {
      for (int i = 0; i < count; i++) {
        task.run(i);
      }
      return;
    }
    Throwable failure;
    try {
      Job current = new Job(task, count, Math.min(count, size));
      job = current;
      for (int i = 0; i < Math.min(count - 1, workers.length); i++) {
        if (workers[i].parked) {
          LockSupport.unpark(workers[i]);
        }
      }
      current.work(0);
      await(current);
      failure = current.failure.get();
    } finally {
      job = null;
      busy.set(false);
    }
    if (failure instanceof RuntimeException e) {
      throw e;
    }
    if (failure instanceof Error e) {
      throw e;
    }
  }

  private static void await(Job current) {
    long start = System.nanoTime();
    while (current.pending.get() > 0) {
      if (System.nanoTime() - start < WAIT_NANOS) {
        Thread.onSpinWait();
      } else {
        // A worker lost its processor: leave it ours for a while.
        LockSupport.parkNanos(WAIT_NANOS / 2);
      }
    }
  }

  /**
   * Splits {@code count} items into ranges and runs them.
   *
   * @param nanos what one item costs, roughly
   */
  void ranges(long count, double nanos, Range range) {
    if (count <= 0) {
      return;
    }
    double work = (double) count * nanos;
    if (size == 1 || count == 1 || work < MIN_NANOS) {
      range.run(0, count);
      return;
    }
    // Several ranges a thread, so that one that is slow for a while does not hold up the others.
    long most = Math.min(count, size * 4L);
    int tasks = (int) Math.min(most, Math.max(2, (long) (work / NANOS_PER_TASK)));
    if (tasks > size) {
      // As many for each.
      tasks -= tasks % size;
    }
    int parts = tasks;
    run(parts, i -> range.run(count * i / parts, count * (i + 1) / parts));
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }
}
