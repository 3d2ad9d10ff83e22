package dev.quern.internal;

import java.util.concurrent.locks.ReentrantLock;

/**
 * The lock that guards every node's state and counts. Held for bookkeeping only, never for work.
 */
final class Graph {
  private static final ReentrantLock LOCK = new ReentrantLock();

  private Graph() {}

  static void lock() {
    LOCK.lock();
  }

  static void unlock() {
    LOCK.unlock();
  }

  static boolean isLocked() {
    return LOCK.isHeldByCurrentThread();
  }
}
