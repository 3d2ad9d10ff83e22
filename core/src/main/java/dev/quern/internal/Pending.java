package dev.quern.internal;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;

/**
 * Values of a device that need what a replay may change: deferred ones that read it, which are
 * computed before it does, and views of it, which get memory of their own. So nobody sees that they
 * were not computed or copied at once, and few are.
 */
final class Pending {
  private static final int LEAST = 64;

  private List<WeakReference<Node>> nodes = new ArrayList<>();
  private int limit = LEAST;

  /** Adds a deferred node or a view. */
  synchronized void add(Node node) {
    if (nodes.size() >= limit) {
      nodes.removeIf(
          reference -> {
            Node old = reference.get();
            return old == null || !isWaiting(old);
          });
      limit = Math.max(LEAST, 2 * nodes.size());
    }
    nodes.add(new WeakReference<>(node));
  }

  private static boolean isWaiting(Node node) {
    return node.isDeferred() || node.isTaped();
  }

  /** Returns those that somebody can still ask for, retained, and forgets all. */
  List<Node> take() {
    List<WeakReference<Node>> all;
    synchronized (this) {
      if (nodes.isEmpty()) {
        return List.of();
      }
      all = nodes;
      nodes = new ArrayList<>();
    }
    List<Node> out = new ArrayList<>();
    Graph.lock();
    try {
      for (WeakReference<Node> reference : all) {
        Node node = reference.get();
        if (node != null && isWaiting(node)) {
          node.retain();
          out.add(node);
        }
      }
    } finally {
      Graph.unlock();
    }
    return out;
  }
}
