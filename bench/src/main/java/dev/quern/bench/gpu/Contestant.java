package dev.quern.bench.gpu;

import java.util.List;
import java.util.Set;

/**
 * Who does a task: a process and a way to do it there.
 *
 * @param name for people
 * @param process which process: {@code quern}, {@code eager} or {@code torch}
 * @param variant how, for a process that knows several ways
 * @param kinds the tasks it does
 */
record Contestant(String name, String process, String variant, Set<String> kinds) {
  private static final Set<String> ALL =
      Set.of("copy", "map", "tanh", "sum", "colsum", "softmax", "matmul", "mlp", "launch");
  private static final Set<String> CHAINS = Set.of("map", "mlp", "softmax");

  /** Quern replaying a recording. */
  static final Contestant QUERN_GRAPH =
      new Contestant("quern graph", "quern", "graph", Set.of("mlp", "launch"));

  /** All there are; which of them can run shows when they are asked. */
  static final List<Contestant> LIST =
      List.of(
          new Contestant("quern", "quern", "fused", ALL),
          new Contestant("torch", "torch", "eager", ALL),
          new Contestant("quern eager", "eager", "eager", Set.of("map", "mlp", "launch")),
          QUERN_GRAPH,
          new Contestant("torch compiled", "torch", "compile", CHAINS),
          new Contestant("torch graph", "torch", "graph", Set.of("mlp", "launch")));

  boolean does(Task task) {
    // One operation is the same work with fusion and without.
    boolean chain = !task.kind().equals("map") || task.size(0) > 1;
    return kinds.contains(task.kind()) && (chain || kinds == ALL);
  }

  /** Returns the request that opens a task for this contestant. */
  String open(Task task) {
    return "open " + key() + " " + variant + " " + task.line();
  }

  String key() {
    return name.replace(' ', '-');
  }
}
