package dev.quern.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * One line of the table.
 *
 * @param family what it is shown with
 * @param spec what is computed
 * @param aims how fast Quern wants to be
 */
record Case(String family, Spec spec, List<Aim> aims) {
  private static final long LARGE = 1 << 24;

  /**
   * A ratio to reach.
   *
   * @param peers whose time is divided by Quern's; the fastest of them counts
   * @param ratio the least ratio
   * @param threads for how many threads, or 0 for any number
   */
  record Aim(List<String> peers, double ratio, int threads) {}

  private static Aim aim(String peers, double ratio, int threads) {
    return new Aim(List.of(peers.split(" ")), ratio, threads);
  }

  private static Aim pytorch(double ratio) {
    return aim("pytorch", ratio, 0);
  }

  /** Returns all cases. */
  static List<Case> all() {
    return Stream.of(matrices(), elements(), reductions(), steps(), small())
        .flatMap(List::stream)
        .toList();
  }

  private static List<Case> matrices() {
    Aim best = aim("openblas pytorch nd4j", 1, 0);
    Aim better = aim("openblas pytorch nd4j", 1.2, 2);
    List<Case> cases = new ArrayList<>();
    for (long n : new long[] {128, 256, 512, 1024, 2048}) {
      cases.add(new Case("matmul", Spec.of("matmul", "nn", n, n, n), List.of(best)));
    }
    cases.add(new Case("matmul", Spec.of("matmul", "nn", 256, 784, 128), List.of(best)));
    cases.add(new Case("matmul", Spec.of("matmul", "nn", 1024, 784, 10), List.of(best, better)));
    cases.add(new Case("matmul", Spec.of("matmul", "tn", 784, 256, 128), List.of(best, better)));
    cases.add(new Case("matmul", Spec.of("matmul", "nt", 256, 10, 128), List.of(best, better)));
    cases.add(new Case("matmul", Spec.of("batched", "nn", 64, 64, 64, 64), List.of()));
    return cases;
  }

  private static List<Case> elements() {
    return List.of(
        new Case("elements", Spec.of("add", "into", LARGE), List.of(pytorch(1))),
        new Case("elements", Spec.of("add", "new", 1 << 20), List.of()),
        new Case("elements", Spec.of("chain", "into", LARGE), List.of(pytorch(1.5))),
        new Case("elements", Spec.of("chain", "new", LARGE), List.of(pytorch(5))),
        new Case("elements", Spec.of("exp", "into", LARGE), List.of(pytorch(1.5))),
        new Case("elements", Spec.of("sigmoid", "into", LARGE), List.of(pytorch(1.5))),
        new Case("elements", Spec.of("tanh", "into", LARGE), List.of(pytorch(4))));
  }

  private static List<Case> reductions() {
    return List.of(
        new Case("reductions", Spec.of("sum", "all", LARGE), List.of(pytorch(1))),
        new Case("reductions", Spec.of("sum", "columns", 4096, 1024), List.of(pytorch(2.5))),
        new Case("reductions", Spec.of("softmax", "rows", 4096, 1024), List.of(pytorch(1.4))));
  }

  private static List<Case> steps() {
    return List.of(
        new Case("training steps", Spec.of("linear", "step", 1024, 64, 1), List.of()),
        new Case("training steps", Spec.of("softmax", "step", 256, 784, 10), List.of()),
        new Case(
            "training steps",
            Spec.of("mlp", "step", 256, 784, 128, 10),
            List.of(aim("pytorch djl-pytorch", 2.5, 2), aim("nd4j", 4, 2))));
  }

  private static List<Case> small() {
    return List.of(
        new Case("small work", Spec.of("add", "new", 10), List.of()),
        new Case("small work", Spec.of("matmul", "nn", 4, 4, 4), List.of()),
        new Case("small work", Spec.of("chain", "new", 100), List.of()));
  }
}
