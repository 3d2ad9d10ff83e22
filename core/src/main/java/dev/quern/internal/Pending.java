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

  /** Computes deferred ones and gives views memory of their own, if anybody can ask for them. */
  void settle(Engine engine) {
    List<Node> waiting = take();
    int settled = 0;
    try {
      for (Node node : waiting) {
        engine.realize(node);
        if (node.isReplayed()) {
          separate(engine, node);
        }
        settled++;
      }
    } finally {
      // After a failure, for want of memory say, the rest still waits.
      waiting.subList(settled, waiting.size()).forEach(this::add);
      waiting.forEach(Node::release);
    }
  }

  // A view goes on with what it shows at present.
  private static void separate(Engine engine, Node view) {
    Node.Stored own = engine.copyInOrder(view);
    Graph.lock();
    try {
      view.moveTo(own);
    } finally {
      Graph.unlock();
    }
  }

  private List<Node> take() {
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
