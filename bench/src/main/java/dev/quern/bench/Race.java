package dev.quern.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Lets contenders compute the same in turns: A, B, C, A, B, C ... */
final class Race {
  private static final double SAMPLE_NANOS = 5e6;
  private static final double LEAD_NANOS = 1e6;
  private static final double CHUNK_NANOS = 10e6;
  private static final double WARM_NANOS = 1e9;
  private static final double MANY_WARM_NANOS = 2e9;
  private static final double OWN_WARM_NANOS = 40e9;
  private static final double LONG_NANOS = 50e6;
  private static final double SHORT_NANOS = 30_000;
  private static final int SHORT_RUNS = 60_000;
  private static final double MEDIUM_NANOS = 100_000;
  static final int MEDIUM_RUNS = 15_000;
  private static final int STEPS = 2_000;
  private static final int STEPS_OF_FEW_ROWS = 10_000;
  private static final int FEW_ROWS = 16;
  private static final int SETTLING_MILLIS = 20_000;
  private static final int GLANCE_MILLIS = 150;
  private static final int WARM_UPS = 3;
  private static final int STEADY = 2;
  private static final double FASTER = 0.95;
  private static final double SLOW = 10;
  private static final int MIN_ROUNDS = 3;
  private static final int MAX_ROUNDS = 15;

  private final List<Remote> remotes;

  Race(List<Remote> remotes) {
    this.remotes = remotes;
  }

  /**
   * Has Quern's processes run everything once, so that later figures are those of a program that
   * does. A training step's many methods are compiled after thousands of steps: they see those over
   * few rows.
   */
  void acquaint(List<Case> cases) {
    List<Remote> own =
        remotes.stream().filter(r -> r.label().name().startsWith(CaseResult.QUERN)).toList();
    for (Case line : cases) {
      own.forEach(remote -> remote.send("prepare " + line.spec()));
      for (Remote remote : own) {
        if (remote.receive().startsWith("ok")) {
          long once = remote.run(1);
          remote.run((int) Math.max(1, Math.min(20_000, 50e6 / once)));
        }
      }
    }
    for (Case line : cases) {
      if (isStep(line.spec())) {
        Spec fewRows = line.spec().withFirst(FEW_ROWS);
        for (Remote remote : own) {
          remote.send("prepare " + fewRows);
          if (remote.receive().startsWith("ok")) {
            remote.run(STEPS_OF_FEW_ROWS);
          }
        }
      }
    }
  }

  private static boolean isMachine(Remote remote) {
    return remote.label().name().equals(CaseResult.MACHINE);
  }

  private static boolean isStep(Spec spec) {
    return spec.form().equals("step");
  }

  /**
   * Runs all cases and tells of each when it is done.
   *
   * @param seconds how long to measure, about, beside warming up
   */
  List<CaseResult> run(List<Case> cases, double seconds, Consumer<CaseResult> done) {
    List<CaseResult> results = new ArrayList<>();
    for (Case line : cases) {
      CaseResult result = run(line, seconds * 1e9 / cases.size());
      results.add(result);
      done.accept(result);
    }
    return results;
  }

  private CaseResult run(Case line, double nanosToMeasure) {
    List<String> complaints = new ArrayList<>();
    List<Remote> runners = new ArrayList<>();
    remotes.forEach(remote -> remote.send("prepare " + line.spec()));
    for (Remote remote : remotes) {
      String answer = remote.receive();
      String complaint = answer.startsWith("ok ") ? check(line.spec(), remote, answer) : answer;
      if (complaint.isEmpty()) {
        runners.add(remote);
      } else if (!complaint.equals("none")) {
        complaints.add(remote.label() + ": " + complaint);
      }
    }
    warmAll(runners, line.spec(), complaints);
    Map<Remote, Double> once = steady(runners);
    List<Turn> turns =
        runners.stream().map(r -> new Turn(r, once.getOrDefault(r, SAMPLE_NANOS))).toList();
    settle(runners, SETTLING_MILLIS);
    takeTurns(turns, nanosToMeasure);
    remotes.forEach(remote -> remote.send("drop"));
    remotes.forEach(Remote::receive);
    List<Timing> timings =
        turns.stream()
            .map(
                turn ->
                    new Timing(
                        turn.remote.label(),
                        turn.nanos.stream().mapToDouble(Double::doubleValue).toArray()))
            .toList();
    return new CaseResult(line, timings, complaints);
  }

  /** One contender's turns. */
  private static final class Turn {
    final Remote remote;
    final double once;
    final int lead;
    final int count;
    final List<Double> nanos = new ArrayList<>();

    Turn(Remote remote, double once) {
      this.remote = remote;
      this.once = once;
      lead = (int) Math.min(1_000_000, LEAD_NANOS / once);
      count = (int) Math.max(1, Math.min(1_000_000, SAMPLE_NANOS / once));
    }

    boolean isMachine() {
      return Race.isMachine(remote);
    }

    /** Returns about how long a turn takes. */
    double length() {
      return 1.1 * once * (lead + count);
    }

    // The first runs find threads asleep and operands out of the caches.
    void take() {
      if (lead > 0) {
        remote.run(lead);
      }
      nanos.add((double) remote.run(count) / count);
    }
  }

  // Who is far behind takes part in the first rounds only.
  private void takeTurns(List<Turn> turns, double nanosToMeasure) {
    double best =
        turns.stream().filter(t -> !t.isMachine()).mapToDouble(t -> t.once).min().orElse(0);
    List<Turn> close = turns.stream().filter(t -> t.isMachine() || t.once <= SLOW * best).toList();
    double all = turns.stream().mapToDouble(Turn::length).sum();
    double later = close.stream().mapToDouble(Turn::length).sum();
    double more = (nanosToMeasure - MIN_ROUNDS * all) / later;
    int rounds = MIN_ROUNDS + (int) Math.max(0, Math.min(MAX_ROUNDS - MIN_ROUNDS, more));
    try (Freezer freezer = new Freezer()) {
      freezer.stop(remotes);
      for (int i = 0; i < rounds; i++) {
        for (Turn turn : i < MIN_ROUNDS ? turns : close) {
          freezer.resume(List.of(turn.remote));
          turn.take();
          freezer.stop(List.of(turn.remote));
        }
      }
    }
  }

  // Compilers work on in the background, and what they have made has to be run to be seen: each is
  // run alone until it gets no faster, for as long as somebody does.
  private static Map<Remote, Double> steady(List<Remote> runners) {
    Map<Remote, Double> best = new HashMap<>();
    List<Remote> left = runners;
    for (int i = 0; i < WARM_UPS && !left.isEmpty(); i++) {
      settle(runners, SETTLING_MILLIS);
      List<Remote> faster = new ArrayList<>();
      for (Remote remote : left) {
        double once = runUntilSteady(remote, 1, 0, 0);
        if (remote.compilesLate() && once < FASTER * best.getOrDefault(remote, Double.MAX_VALUE)) {
          faster.add(remote);
        }
        best.merge(remote, once, Math::min);
      }
      left = faster;
    }
    settle(runners, SETTLING_MILLIS);
    return best;
  }

  private static String check(Spec spec, Remote remote, String answer) {
    if (isMachine(remote)) {
      return "";
    }
    String[] words = answer.split(" ");
    double[] got = Arrays.stream(words).skip(2).mapToDouble(Double::parseDouble).toArray();
    return Oracle.complain(spec, Long.parseLong(words[1]), got);
  }

  // All at once, for how long it takes does not count yet; who fails is out.
  private static void warmAll(List<Remote> runners, Spec spec, List<String> complaints) {
    Map<Remote, Future<Double>> warming = new LinkedHashMap<>();
    ExecutorService threads = Executors.newCachedThreadPool();
    runners.forEach(remote -> warming.put(remote, threads.submit(() -> warm(remote, spec, STEPS))));
    threads.shutdown();
    warming.forEach(
        (remote, warmed) -> {
          try {
            warmed.get();
          } catch (ExecutionException e) {
            if (!(e.getCause() instanceof IllegalStateException failure)) {
              throw new IllegalStateException(e.getCause());
            }
            complaints.add(String.valueOf(failure.getMessage()));
            runners.remove(remote);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /**
   * Runs until it gets no faster, and often, and returns the time of one run.
   *
   * @param steps how many training steps at least
   */
  static double warm(Remote remote, Spec spec, int steps) {
    if (!remote.compilesLate()) {
      return runUntilSteady(remote, STEADY, 0, 0);
    }
    boolean isOwn = remote.label().name().startsWith(CaseResult.QUERN);
    int least = isStep(spec) ? steps : 0;
    return runUntilSteady(remote, STEADY, least, isOwn ? OWN_WARM_NANOS : MANY_WARM_NANOS);
  }

  // What is short is run often, for a compiler to be through with it, within the time given.
  private static double runUntilSteady(
      Remote remote, int timesSteady, long leastRuns, double manyNanos) {
    double once = remote.run(1);
    double best = once;
    double spent = once;
    int steady = 0;
    long least = leastRuns;
    long runs = 1;
    // Compilers are through with what runs so long before it ends.
    int enough = once > LONG_NANOS ? 1 : timesSteady;
    while ((steady < enough && spent < WARM_NANOS) || (runs < least && spent < manyNanos)) {
      int count = (int) Math.max(1, Math.min(1_000_000, CHUNK_NANOS / once));
      double took = remote.run(count);
      once = took / count;
      spent += took;
      runs += count;
      if (once < MEDIUM_NANOS) {
        least = once < SHORT_NANOS ? SHORT_RUNS : MEDIUM_RUNS;
      }
      steady = once < best * FASTER ? 0 : steady + 1;
      best = Math.min(best, once);
    }
    return best;
  }

  /**
   * Waits until none of them does anything, for at most the time given. Compilers work on in the
   * background, and hardly get on once processes are stopped between their turns.
   */
  static void settle(List<Remote> runners, int millis) {
    try {
      long used = cpuMillis(runners);
      for (int waited = 0; waited < millis; waited += GLANCE_MILLIS) {
        TimeUnit.MILLISECONDS.sleep(GLANCE_MILLIS);
        long now = cpuMillis(runners);
        if (now - used < GLANCE_MILLIS / 10) {
          return;
        }
        used = now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long cpuMillis(List<Remote> runners) {
    return runners.stream()
        .flatMap(remote -> ProcessHandle.of(remote.id()).stream())
        .flatMap(process -> process.info().totalCpuDuration().stream())
        .mapToLong(Duration::toMillis)
        .sum();
  }
}
