package dev.quern.internal;

import dev.quern.internal.Node.Stored;
import dev.quern.spi.Backend;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Computes deferred nodes: plans under the graph's lock, runs outside it. */
final class Evaluator {
  private final Backend backend;
  private final Memory memory;

  Evaluator(Backend backend, Memory memory) {
    this.backend = backend;
    this.memory = memory;
  }

  /** Computes a deferred or constant node, and first whatever it needs. */
  void realize(Node root) {
    if (root.state() instanceof Stored) {
      return;
    }
    // What waits for the node under work; mostly nothing does.
    ArrayDeque<Node> stack = null;
    Node node = root;
    while (node != null) {
      Work work;
      Graph.lock();
      try {
        if (node.state() instanceof Stored || node.state() instanceof Node.Dead) {
          node = stack == null ? null : stack.poll();
          continue;
        }
        Planner.Plan plan = Planner.plan(node);
        if (plan instanceof Planner.First first) {
          stack = stack == null ? new ArrayDeque<>() : stack;
          stack.push(node);
          first.missing().forEach(stack::push);
          node = stack.pop();
          continue;
        }
        work = new Work(backend, memory, plan);
      } finally {
        Graph.unlock();
      }
      work.run(null);
      node = stack == null ? null : stack.poll();
    }
  }

  /**
   * Computes {@code value} where {@code target} keeps its elements, if nothing else can still ask
   * for those, or else in new memory.
   */
  void realizeOver(Node value, Node target) {
    while (value.isDeferred()) {
      Work work = null;
      Storage donated = null;
      List<Node> missing = List.of();
      Graph.lock();
      try {
        if (value.isDeferred()) {
          Planner.Plan plan = Planner.plan(value);
          if (plan instanceof Planner.First first) {
            missing = first.missing();
          } else {
            donated = plan instanceof Planner.Map map ? donation(map, target) : null;
            work = new Work(backend, memory, plan);
          }
        }
      } finally {
        Graph.unlock();
      }
      if (work != null) {
        work.run(donated);
        return;
      }
      missing.forEach(this::realize);
    }
    realize(value);
  }

  /**
   * Returns the target's storage if the map may write over it: whoever can still ask for the old
   * elements is part of the map and will not have to be computed again.
   */
  private static @Nullable Storage donation(Planner.Map map, Node target) {
    Node root = map.outputs().get(0);
    if (!(target.state() instanceof Stored stored)
        || map.outputs().size() > 1
        || target.dtype != root.dtype
        || !target.shape.equals(root.shape)
        || stored.storage().refs() > 1
        || stored.storage().isWrapped()
        || stored.storage().isReplayed()
        || !Tape.mayWriteOver(stored.storage())
        || stored.offset() != 0
        || !Layouts.isContiguous(target.shape, stored.strides())) {
      return null;
    }
    int uses = 0;
    List<Node> touched = new ArrayList<>();
    touched.add(target);
    for (Node node : map.region()) {
      int insideUses = 0;
      boolean dependent = false;
      for (Node input : ((Node.Elementwise) node.state()).inputs()) {
        dependent |= touched.contains(input);
        uses += input == target ? 1 : 0;
      }
      if (!dependent) {
        continue;
      }
      touched.add(node);
      if (node == root) {
        continue;
      }
      for (Node consumer : map.region()) {
        for (Node input : ((Node.Elementwise) consumer.state()).inputs()) {
          insideUses += input == node ? 1 : 0;
        }
      }
      if (node.refs > insideUses) {
        return null;
      }
    }
    // One reference is the handle that is being assigned to.
    return target.refs == uses + 1 ? stored.storage() : null;
  }

  /**
   * Returns the chain that leads to a node as a map that holds its inputs, to run in front of a
   * reduction; null if the node is stored, as it is then afterwards.
   */
  @Nullable Work prologue(Node node) {
    while (node.isDeferred()) {
      List<Node> missing;
      Graph.lock();
      try {
        Planner.Plan plan = Planner.prologue(node);
        if (plan instanceof Planner.Map) {
          return new Work(backend, memory, plan);
        }
        missing = plan instanceof Planner.First first ? first.missing() : List.of(node);
      } finally {
        Graph.unlock();
      }
      missing.forEach(this::realize);
    }
    return null;
  }
}
