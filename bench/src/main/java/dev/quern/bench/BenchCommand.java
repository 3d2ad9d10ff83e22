package dev.quern.bench;

import dev.quern.Device;
import dev.quern.trainer.data.DataException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures what a device reaches against its own limits and against other libraries. */
@Command(
    name = "bench",
    description = {
      "Measure what a device reaches against its own limits and, with --peers, against other"
          + " libraries, in turns; write bench.json, bench.html and bench.md.",
      "Results are checked before anything is timed. Exit status 1 if Quern's are wrong."
    })
final class BenchCommand implements Callable<Integer> {
  private final PrintStream out;
  private final PrintStream err;

  @Option(names = "--device", paramLabel = "ID", description = "cpu, opencl:0 ... (default: cpu).")
  private String device = "cpu";

  @Option(
      names = "--peers",
      description =
          "Also PyTorch and OpenBLAS (the system's python3-torch and python3-numpy), ND4J, DJL,"
              + " EJML, ojAlgo (fetched once, 400 MB).")
  private boolean peers;

  @Option(
      names = "--threads",
      paramLabel = "N",
      split = ",",
      description = "Numbers of threads on the processor (default: 1 and all).")
  private List<Integer> threads = List.of();

  @Option(
      names = "--jdk",
      paramLabel = "FOLDER",
      description = "A further JDK to run Quern on, in the same turns; may be repeated.")
  private List<Path> jdks = List.of();

  @Option(
      names = "--python",
      paramLabel = "PATH",
      description = "The Python that has PyTorch and NumPy (default: ${DEFAULT-VALUE}).")
  private String python = "/usr/bin/python3";

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only cases in whose name this is found, such as 'matmul' or 'into'.")
  private String only = "";

  @Option(
      names = "--seconds",
      paramLabel = "N",
      description = "How long to measure, about, beside warming up (default: ${DEFAULT-VALUE}).")
  private double seconds = 20;

  @Option(
      names = "--orders",
      paramLabel = "N",
      description =
          "Instead run all cases in one JVM in N orders, a new JVM each, and compare each case's"
              + " worst time with its best; exit status 1 if one is more than --collapse times"
              + " the best.")
  private int orders;

  @Option(
      names = "--collapse",
      paramLabel = "X",
      description = "See --orders (default: ${DEFAULT-VALUE}).")
  private double collapse = Runtime.version().feature() < 25 ? 2 : 1.5;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where to write (default: ${DEFAULT-VALUE}).")
  private Path folder = Path.of("quern-out");

  BenchCommand(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public Integer call() {
    List<Case> cases = cases();
    List<Integer> counts = threads();
    check();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Field field = new Field(device, jdks, peers, python, folder);
    if (orders > 0) {
      return new Orders(field, counts, cases, orders, this::say).run() <= collapse ? 0 : 1;
    }
    return race(field, counts, cases);
  }

  private List<Case> cases() {
    List<Case> cases;
    try {
      Pattern wanted = Pattern.compile(only);
      cases = Case.all().stream().filter(c -> wanted.matcher("" + c.spec()).find()).toList();
    } catch (PatternSyntaxException e) {
      throw new DataException("--only: " + e.getMessage());
    }
    if (cases.isEmpty()) {
      throw new DataException("--only: no case has '" + only + "' in its name");
    }
    return cases;
  }

  private List<Integer> threads() {
    if (!device.equals("cpu")) {
      return List.of(1);
    }
    int all = Runtime.getRuntime().availableProcessors();
    List<Integer> counts = threads.isEmpty() ? List.of(1, all) : threads;
    for (int count : counts) {
      if (count < 1 || count > 4096) {
        throw new DataException("--threads: not a number from 1 to 4096: " + count);
      }
    }
    return counts.stream().distinct().toList();
  }

  private void check() {
    try {
      Device.of(device);
    } catch (IllegalArgumentException | IllegalStateException e) {
      throw new DataException(String.valueOf(e.getMessage()));
    }
    if (!(seconds > 0 && seconds < 1e6)) {
      throw new DataException("--seconds: not a positive number: " + seconds);
    }
    for (Path jdk : jdks) {
      if (!Files.isExecutable(jdk.resolve("bin").resolve("java"))) {
        throw new DataException("--jdk: no bin/java in " + jdk);
      }
    }
  }

  private int race(Field field, List<Integer> counts, List<Case> cases) {
    Map<String, String> facts = Surroundings.describe();
    facts.put("device", device);
    err.println("bench: starting everybody");
    List<Remote> remotes =
        field.start(counts, (who, why) -> err.println("bench: without " + who + ": " + why));
    boolean[] wrong = {false};
    List<CaseResult> results;
    Map<String, String> versions = new LinkedHashMap<>();
    try {
      remotes.forEach(remote -> versions.putIfAbsent(remote.label().name(), remote.version()));
      Race race = new Race(remotes);
      race.acquaint(cases);
      results =
          race.run(
              cases,
              seconds,
              result -> {
                print(result, counts);
                wrong[0] |=
                    result.complaints().stream().anyMatch(c -> c.startsWith(CaseResult.QUERN));
              });
    } finally {
      remotes.forEach(Remote::close);
    }
    facts.put("load after", Surroundings.load());
    write(new Report(facts, versions, counts, results));
    return wrong[0] ? 1 : 0;
  }

  private void print(CaseResult result, List<Integer> counts) {
    for (Report.Row row : Report.rows(result, counts)) {
      say(
          Report.text(
              "%-28s %dT %10s +-%-4s %15s %6s  %s%s",
              row.what(),
              row.threads(),
              row.time(),
              row.spread(),
              row.rate(),
              row.limit(),
              String.join("  ", row.ratios()),
              row.aims().isEmpty() ? "" : "  [" + String.join("; ", row.aims()) + "]"));
    }
    for (String complaint : result.complaints()) {
      say(Report.text("%-28s %s", result.line().spec(), complaint));
    }
  }

  private void say(String line) {
    out.println(String.format(Locale.ROOT, "%s", line));
  }

  private void write(Report report) {
    try {
      Files.writeString(folder.resolve("bench.json"), report.json());
      Files.writeString(folder.resolve("bench.md"), report.markdown());
      Files.writeString(folder.resolve("bench.html"), Page.of(report));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    say("written: " + folder.resolve("bench.html") + ", bench.json, bench.md");
  }
}
