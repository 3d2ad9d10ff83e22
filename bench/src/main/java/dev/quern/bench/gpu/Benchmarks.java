package dev.quern.bench.gpu;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Lets every contestant do every task, in turns, until the time is up, and keeps what they took:
 * {@code Benchmarks DEVICE SCALE SECONDS FOLDER [PYTHON SCRIPT]}. Writes {@code benchmarks.json}
 * after each task; the exit status is 1 if Quern failed at one. {@code Benchmarks warm SCALE}
 * prints the requests that make PyTorch compile. With {@code -Dquern.bench.brief=true} the tasks
 * are few and measured as shortly as can be.
 */
public final class Benchmarks {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();
  static final String LATE = "not run: the time is up";

  private static final int LEAST_ROUNDS = 3;
  private static final int MOST_ROUNDS = 9;
  private static final double MOST_SAMPLE_SECONDS = 0.08;
  private static final int SAMPLES_A_TASK = 50;
  private static final long OPEN_SECONDS = 60;
  private static final long MEASURE_SECONDS = 30;
  private static final boolean BRIEF = Boolean.getBoolean("quern.bench.brief");
  private static final double BRIEF_SAMPLE_SECONDS = 0.01;

  private final Map<String, Peer> peers;
  private final Path file;
  private final long end;
  private final JsonArray figures = new JsonArray();
  private final PrintStream out = System.out;
  private int faults;

  /** What one contestant took for one task. */
  private static final class Entry {
    final Contestant contestant;
    final JsonObject figure = new JsonObject();
    final List<Double> wall = new ArrayList<>();
    final List<Double> device = new ArrayList<>();
    boolean failed;

    Entry(Contestant contestant, Task task) {
      this.contestant = contestant;
      figure.addProperty("task", task.line());
      figure.addProperty("id", task.id());
      figure.addProperty("contestant", contestant.name());
    }

    /** Returns whether Quern did something wrong, rather than too late. */
    boolean isFault() {
      return failed
          && !contestant.process().equals("torch")
          && !figure.get("reason").getAsString().equals(LATE);
    }

    void fail(String reason) {
      failed = true;
      figure.addProperty("status", "failed");
      figure.addProperty("reason", reason);
    }
  }

  private Benchmarks(Map<String, Peer> peers, Path file, long end) {
    this.peers = peers;
    this.file = file;
    this.end = end;
  }

  /** Runs as the class says. */
  public static void main(String[] args) throws IOException {
    double scale = Double.parseDouble(args[1]);
    if (args[0].equals("warm")) {
      warm(scale);
      return;
    }
    double seconds = Double.parseDouble(args[2]);
    long end = System.nanoTime() + (long) (seconds * 1e9);
    double slice = seconds / tasks(scale).size();
    double most = BRIEF ? BRIEF_SAMPLE_SECONDS : MOST_SAMPLE_SECONDS;
    String sample = String.valueOf(Math.min(most, slice / SAMPLES_A_TASK));
    Path folder = Path.of(args[3]);
    Map<String, Peer> peers = new LinkedHashMap<>();
    peers.put("quern", new Peer(worker(false, args[0], sample), folder.resolve("quern.log")));
    peers.put("eager", new Peer(worker(true, args[0], sample), folder.resolve("quern-eager.log")));
    if (args.length > 5) {
      List<String> command = List.of(args[4], args[5], args[0], sample);
      peers.put("torch", new Peer(command, folder.resolve("torch.log")));
    }
    Benchmarks benchmarks = new Benchmarks(peers, folder.resolve("benchmarks.json"), end);
    try {
      benchmarks.run(args[0], scale);
    } finally {
      peers.values().forEach(Peer::close);
    }
    if (benchmarks.faults > 0) {
      System.exit(1);
    }
  }

  private static List<Task> tasks(double scale) {
    return BRIEF ? Tasks.few(scale) : Tasks.all(scale);
  }

  private static void warm(double scale) {
    for (Task task : tasks(scale)) {
      for (Contestant contestant : Contestant.LIST) {
        if (contestant.variant().equals("compile") && contestant.does(task)) {
          System.out.println(contestant.open(task));
          System.out.println("close " + contestant.key());
        }
      }
    }
  }

  // This program's own Java, once more.
  private static List<String> worker(boolean eager, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(java.lang.management.ManagementFactory.getRuntimeMXBean().getInputArguments());
    command.add("-Dquern.eager=" + eager);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(Worker.class.getName());
    command.addAll(List.of(arguments));
    return command;
  }

  private double left() {
    return (end - System.nanoTime()) / 1e9;
  }

  private void run(String device, double scale) throws IOException {
    JsonObject result = new JsonObject();
    result.addProperty("device", device);
    result.addProperty("scale", scale);
    JsonObject contestants = new JsonObject();
    peers.forEach((name, peer) -> contestants.add(name, hello(peer)));
    if (contestants.has("torch") && contestants.getAsJsonObject("torch").has("error")) {
      // Said once there, not at every task.
      Objects.requireNonNull(peers.remove("torch")).close();
    }
    result.add("contestants", contestants);
    result.add("figures", figures);
    List<Task> tasks = tasks(scale);
    for (int i = 0; i < tasks.size(); i++) {
      Task task = tasks.get(i);
      long slice = (long) (left() / (tasks.size() - i) * 1e9);
      List<Entry> entries = new ArrayList<>();
      for (Contestant contestant : Contestant.LIST) {
        if (peers.containsKey(contestant.process()) && contestant.does(task)) {
          entries.add(new Entry(contestant, task));
        }
      }
      if (left() < 1) {
        // Asks nobody, not even a process that would have to be started for it.
        entries.forEach(entry -> entry.fail(LATE));
      } else {
        compete(task, entries, System.nanoTime() + slice);
      }
      for (Entry entry : entries) {
        figures.add(entry.figure);
        faults += entry.isFault() ? 1 : 0;
        out.println(describe(entry));
      }
      write(result);
    }
  }

  private static JsonObject hello(Peer peer) {
    try {
      return peer.ask("hello", MEASURE_SECONDS);
    } catch (PeerException e) {
      JsonObject answer = new JsonObject();
      answer.addProperty("error", e.reason());
      return answer;
    }
  }

  private static String describe(Entry entry) {
    if (entry.failed) {
      return entry.figure.get("id").getAsString()
          + " "
          + entry.contestant.name()
          + ": "
          + entry.figure.get("reason").getAsString();
    }
    return String.format(
        java.util.Locale.ROOT,
        "%s %s: %.4f ms",
        entry.figure.get("id").getAsString(),
        entry.contestant.name(),
        Spread.of(entry.wall).median());
  }

  private void write(JsonObject result) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.writeString(next, GSON.toJson(result) + "\n");
    Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private void compete(Task task, List<Entry> entries, long until) {
    for (Entry entry : entries) {
      attempt(
          entry,
          () -> {
            JsonObject answer = ask(entry, entry.contestant.open(task), OPEN_SECONDS);
            if (answer.has("error_part")) {
              entry.figure.add("error_part", answer.get("error_part"));
            }
          });
    }
    int most = BRIEF ? LEAST_ROUNDS : MOST_ROUNDS;
    for (int round = 0; round < most; round++) {
      boolean enough = round >= LEAST_ROUNDS && System.nanoTime() > until;
      if (enough || (round > 0 && left() < 1)) {
        break;
      }
      for (Entry entry : entries) {
        attempt(entry, () -> measure(entry));
      }
    }
    for (Entry entry : entries) {
      attempt(entry, () -> conclude(task, entry));
      // Frees the operands of one that failed too, unless its process is gone.
      try {
        long patience = Math.max(1, Math.min(MEASURE_SECONDS, Math.round(left())));
        peer(entry).ask("close " + entry.contestant.key(), patience);
      } catch (PeerException e) {
        entry.figure.addProperty("close", e.reason());
      }
    }
  }

  private static void attempt(Entry entry, Runnable step) {
    if (!entry.failed) {
      try {
        step.run();
      } catch (PeerException e) {
        entry.fail(e.reason());
      }
    }
  }

  private Peer peer(Entry entry) {
    return Objects.requireNonNull(peers.get(entry.contestant.process()));
  }

  private JsonObject ask(Entry entry, String request, long seconds) {
    double left = left();
    if (left < 1) {
      throw new PeerException(LATE);
    }
    try {
      return peer(entry).ask(request, Math.min(seconds, Math.round(left)));
    } catch (PeerException e) {
      // It may have been given less time than it is due.
      throw left() < 1 ? new PeerException(LATE) : e;
    }
  }

  private void measure(Entry entry) {
    JsonObject answer = ask(entry, "measure " + entry.contestant.key(), MEASURE_SECONDS);
    entry.wall.add(answer.get("wall_ns").getAsDouble() / 1e6);
    entry.device.add(answer.get("device_ns").getAsDouble() / 1e6);
  }

  private void conclude(Task task, Entry entry) {
    entry.figure.addProperty("status", "ok");
    entry.figure.addProperty("bytes", task.bytes());
    entry.figure.addProperty("flops", task.flops());
    entry.figure.add("wall_ms", Spread.of(entry.wall).toJson());
    entry.figure.add("device_ms", Spread.of(entry.device).toJson());
    if (!entry.contestant.process().equals("torch") && left() > 1) {
      JsonObject answer = ask(entry, "profile " + entry.contestant.key(), MEASURE_SECONDS);
      entry.figure.add("kernels", answer.get("kernels"));
    }
  }
}
