package dev.quern.bench.gpu;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.Device;
import dev.quern.Profile;
import dev.quern.Scope;
import dev.quern.spi.Backend;
import dev.quern.spi.KernelRun;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Does tasks on one device as standard input says, a line each, and answers each with a line of
 * JSON: {@code Worker DEVICE SECONDS}, the seconds that one measurement takes about. An answer with
 * {@code lost} says that nothing more works in this process.
 *
 * <ul>
 *   <li>{@code hello}: what the device is
 *   <li>{@code open KEY VARIANT TASK}: makes the operands, checks a result, warms up; the variant
 *       {@code graph} replays a recording
 *   <li>{@code measure KEY}: nanoseconds a run, by the wall clock over many runs and as the device
 *       itself counts its kernels
 *   <li>{@code profile KEY}: the kernels of one run
 *   <li>{@code close KEY}
 * </ul>
 */
public final class Worker {
  private static final int WARM_UP_SAMPLES = 4;
  private static final int MOST_REPEATS = 2000;
  private static final int MOST_TIMED_REPEATS = 50;

  private final Backend backend;
  private final long sampleNanos;
  private final Device device;
  private final Map<String, Workload> open = new HashMap<>();
  private final Map<String, Integer> repeats = new HashMap<>();

  private Worker(Backend backend, double sampleSeconds) {
    this.backend = backend;
    sampleNanos = (long) (sampleSeconds * 1e9);
    device = Device.on(backend);
    Device.setCurrent(device);
  }

  /** Answers until standard input ends. */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    // Answers alone go to standard output, whatever a library prints.
    System.setOut(System.err);
    BufferedReader requests =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Backend backend = Workloads.open(args[0])) {
      Worker worker = new Worker(backend, Double.parseDouble(args[1]));
      for (String line = requests.readLine(); line != null; line = requests.readLine()) {
        answers.println(worker.answer(line));
        answers.flush();
      }
    }
  }

  // Whatever goes wrong with one task is an answer; the next one may do better.
  private JsonObject answer(String line) {
    String[] words = line.split(" ", 4);
    try {
      return switch (words[0]) {
        case "hello" -> hello();
        case "open" -> open(words[1], words[2], Task.parse(words[3]));
        case "measure" -> measure(words[1]);
        case "profile" -> profile(words[1]);
        case "close" -> close(words[1]);
        default -> throw new IllegalArgumentException("worker: unknown request: " + line);
      };
    } catch (RuntimeException | OutOfMemoryError e) {
      JsonObject answer = new JsonObject();
      answer.addProperty("error", e.toString());
      if (isLost()) {
        answer.addProperty("lost", true);
      }
      return answer;
    }
  }

  private boolean isLost() {
    try {
      device.synchronize();
      return false;
    } catch (RuntimeException e) {
      return true;
    }
  }

  private JsonObject hello() {
    JsonObject answer = new JsonObject();
    answer.addProperty("device", device.id());
    answer.addProperty("name", device.name());
    answer.addProperty("details", device.details());
    answer.addProperty("java", System.getProperty("java.version"));
    return answer;
  }

  private JsonObject open(String key, String variant, Task task) {
    Workload work = Workloads.of(task, variant.equals("graph"));
    open.put(key, work);
    JsonObject answer = new JsonObject();
    answer.addProperty("error_part", work.check());
    long start = System.nanoTime();
    long one = Long.MAX_VALUE;
    int runs = 0;
    while (System.nanoTime() - start < WARM_UP_SAMPLES * sampleNanos || runs < 3) {
      one = Math.min(one, wall(work, 1));
      runs++;
    }
    repeats.put(key, (int) Math.max(1, Math.min(MOST_REPEATS, sampleNanos / Math.max(1, one))));
    return answer;
  }

  private void repeat(Workload work, int times) {
    for (int i = 0; i < times; i++) {
      try (Scope scope = Scope.open()) {
        work.run();
      }
    }
  }

  private long wall(Workload work, int times) {
    device.synchronize();
    long start = System.nanoTime();
    repeat(work, times);
    device.synchronize();
    return System.nanoTime() - start;
  }

  private Workload find(String key) {
    Workload work = open.get(key);
    if (work == null) {
      throw new IllegalArgumentException("worker: not open: " + key);
    }
    return work;
  }

  private JsonObject measure(String key) {
    Workload work = find(key);
    int times = repeats.getOrDefault(key, 1);
    int timed = Math.min(times, MOST_TIMED_REPEATS);
    JsonObject answer = new JsonObject();
    answer.addProperty("wall_ns", (double) wall(work, times) / times);
    answer.addProperty("device_ns", (double) backend.timed(() -> repeat(work, timed)) / timed);
    answer.addProperty("repeats", times);
    return answer;
  }

  private JsonObject profile(String key) {
    Workload work = find(key);
    JsonArray kernels = new JsonArray();
    try (Profile profile = device.profile()) {
      repeat(work, 1);
      device.synchronize();
      for (KernelRun run : profile.runs()) {
        JsonObject kernel = new JsonObject();
        kernel.addProperty("kernel", run.kernel());
        kernel.addProperty("shapes", run.shapes());
        kernel.addProperty("us", run.nanos() / 1e3);
        kernel.addProperty("gb_per_s", run.gigabytesPerSecond());
        kernel.addProperty("gflop_per_s", run.gigaflopsPerSecond());
        kernels.add(kernel);
      }
    }
    JsonObject answer = new JsonObject();
    answer.add("kernels", kernels);
    return answer;
  }

  private JsonObject close(String key) {
    Workload work = open.remove(key);
    if (work != null) {
      work.close();
    }
    device.trim();
    return new JsonObject();
  }
}
