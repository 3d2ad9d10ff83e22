package dev.quern.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What came out for one case.
 *
 * @param line the case
 * @param timings who took part
 * @param complaints who computed something wrong or failed, and how
 */
record CaseResult(Case line, List<Timing> timings, List<String> complaints) {
  static final String QUERN = "quern";
  static final String MACHINE = "machine";

  /** Returns one contender's times. */
  Optional<Timing> timing(String name, int threads) {
    return timings.stream()
        .filter(t -> t.label().name().equals(name) && t.label().threads() == threads)
        .findFirst();
  }

  /** Returns everybody else's times. */
  List<Timing> peers(int threads) {
    return timings.stream()
        .filter(t -> t.label().threads() == threads)
        .filter(t -> !t.label().name().equals(QUERN) && !t.label().name().equals(MACHINE))
        .toList();
  }

  /** Returns operations or bytes a nanosecond, whichever bounds the case: GFLOP/s or GB/s. */
  double rate(Timing timing) {
    return work() / timing.median();
  }

  private double work() {
    Spec spec = line.spec();
    return spec.isArithmetic() ? spec.operations() : spec.bytes();
  }

  /** Returns the unit of {@link #rate}. */
  String unit() {
    return line.spec().isArithmetic() ? "GFLOP/s" : "GB/s";
  }

  /** Returns what the machine reached in the same rounds, in the same unit. */
  Optional<Double> limit(int threads) {
    double work = line.spec().isArithmetic() ? Machine.OPERATIONS * threads : Machine.BYTES;
    return timing(MACHINE, threads).map(t -> work / Timing.quantile(t.nanos(), 0.25));
  }

  /** Returns the aims for a number of threads, each with whether it is reached, as text. */
  List<String> aims(int threads) {
    Optional<Timing> own = timing(QUERN, threads);
    List<String> texts = new ArrayList<>();
    for (Case.Aim aim : line.aims()) {
      if (own.isEmpty() || (aim.threads() != 0 && aim.threads() != threads)) {
        continue;
      }
      peers(threads).stream()
          .filter(peer -> aim.peers().contains(peer.label().name()))
          .mapToDouble(peer -> Timing.quantile(own.get().ratios(peer), 0.5))
          .min()
          .ifPresent(
              ratio ->
                  texts.add(
                      String.format(
                          java.util.Locale.ROOT,
                          "%.2f of %.1f x %s%s",
                          ratio,
                          aim.ratio(),
                          String.join("/", aim.peers()),
                          ratio >= aim.ratio() ? "" : " MISSED")));
    }
    return texts;
  }
}
