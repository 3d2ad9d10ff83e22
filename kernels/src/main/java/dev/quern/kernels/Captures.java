package dev.quern.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Which thread notes its launches at present, instead of making them. */
final class Captures {
  private static final ThreadLocal<@Nullable Capture> CURRENT = new ThreadLocal<>();

  // How many of the device's threads do; mostly none, and then nothing else is looked at.
  private final AtomicInteger count = new AtomicInteger();

  /** Returns what this thread's launches and scratch memory belong to, if anything. */
  @Nullable Capture here() {
    return count.get() == 0 ? null : CURRENT.get();
  }

  /** Runs something whose launches are noted. */
  void run(Capture capture, Runnable work) {
    count.incrementAndGet();
    CURRENT.set(capture);
    try {
      work.run();
    } finally {
      CURRENT.remove();
      count.decrementAndGet();
    }
  }
}
