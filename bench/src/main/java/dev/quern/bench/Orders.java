package dev.quern.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Whether what ran before makes a kernel slow: warms all cases up in one virtual machine, then
 * measures each twice, in another order in each of several machines, and compares each case's times
 * with its best, which may be one that it had while warming up, before others came.
 *
 * @param field who starts the processes
 * @param threads the numbers of threads
 * @param cases the cases
 * @param count how many orders
 * @param say where results go
 */
record Orders(
    Field field, List<Integer> threads, List<Case> cases, int count, Consumer<String> say) {
  private static final double SAMPLE_NANOS = 10e6;
  private static final int SAMPLES = 15;
  private static final int PAUSE_MILLIS = 30;
  private static final int SETTLING_MILLIS = 60_000;

  /** Returns the greatest ratio of a case's worst time to its best. */
  double run() {
    double worst = 1;
    for (int t : threads) {
      Map<Spec, List<Double>> times = new LinkedHashMap<>();
      Map<Spec, Double> warming = new HashMap<>();
      cases.forEach(line -> times.put(line.spec(), new ArrayList<>()));
      for (int order = 0; order < count; order++) {
        List<Spec> sequence = new ArrayList<>(times.keySet());
        if (order > 0) {
          Collections.shuffle(sequence, new Random(order));
        }
        one(t, sequence, warming, times);
      }
      for (Map.Entry<Spec, List<Double>> entry : times.entrySet()) {
        double best =
            Math.min(
                Collections.min(entry.getValue()),
                warming.getOrDefault(entry.getKey(), Double.MAX_VALUE));
        double last = Collections.max(entry.getValue());
        worst = Math.max(worst, last / best);
        say.accept(
            Report.text(
                "%-28s %dT  best %10s  worst %10s  ratio %.2f  all over the best:%s",
                entry.getKey(),
                t,
                Report.time(best),
                Report.time(last),
                last / best,
                entry.getValue().stream()
                    .map(time -> Report.text(" %.2f", time / best))
                    .collect(Collectors.joining())));
      }
    }
    say.accept(Report.text("worst ratio: %.2f", worst));
    return worst;
  }

  private void one(
      int t, List<Spec> sequence, Map<Spec, Double> warming, Map<Spec, List<Double>> times) {
    List<Remote> remotes =
        field.start(
            List.of(t),
            (label, why) -> {
              throw new IllegalStateException(label + ": " + why);
            });
    try {
      Remote own =
          remotes.stream()
              .filter(r -> r.label().name().equals(CaseResult.QUERN))
              .findFirst()
              .orElseThrow();
      for (Spec spec : sequence) {
        prepare(own, spec);
        warming.merge(spec, Race.warm(own, spec, Race.MEDIUM_RUNS), Math::min);
      }
      Race.settle(List.of(own), SETTLING_MILLIS);
      for (int pass = 0; pass < 2; pass++) {
        for (Spec spec : sequence) {
          times.getOrDefault(spec, new ArrayList<>()).add(fastest(own, spec));
        }
      }
    } finally {
      remotes.forEach(Remote::close);
    }
  }

  private static void prepare(Remote remote, Spec spec) {
    remote.send("prepare " + spec);
    String answer = remote.receive();
    if (!answer.startsWith("ok")) {
      throw new IllegalStateException(spec + ": " + answer);
    }
  }

  private static double fastest(Remote remote, Spec spec) {
    prepare(remote, spec);
    double once = Race.warm(remote, spec, Race.MEDIUM_RUNS);
    int count = (int) Math.max(1, Math.min(1_000_000, SAMPLE_NANOS / once));
    double[] samples = new double[SAMPLES];
    for (int i = 0; i < SAMPLES; i++) {
      pause();
      samples[i] = (double) remote.run(count) / count;
    }
    // A collapsed kernel is slow in all of them; what else the machine does is in some.
    return Timing.quantile(samples, 0);
  }

  // So that the samples lie further apart than what else a machine does lasts.
  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
