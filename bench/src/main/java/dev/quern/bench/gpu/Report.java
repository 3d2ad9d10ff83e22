package dev.quern.bench.gpu;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts together what the parts of a run left in a folder: {@code Report PARTS OUT} writes {@code
 * results.json} and {@code report.md}. What a part did not leave is missing in them, and why.
 */
public final class Report {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  private final Path parts;
  private final JsonObject result = new JsonObject();

  private Report(Path parts) {
    this.parts = parts;
  }

  /** Reads, and writes both files. */
  public static void main(String[] args) throws IOException {
    Report report = new Report(Path.of(args[0]));
    report.collect();
    Path out = Path.of(args[1]);
    Files.writeString(out.resolve("results.json"), GSON.toJson(report.result) + "\n");
    Files.writeString(out.resolve("report.md"), new ReportText(report.result).toString());
  }

  private void collect() throws IOException {
    result.add("facts", facts());
    result.add("parts", partList());
    for (String kit : new String[] {"kit", "kit-eager"}) {
      Optional<JsonObject> json = read(kit + ".json");
      if (json.isPresent()) {
        result.add(kit, json.get());
        json.get().addProperty("last", String.join(" ", lines(kit + ".json.running")));
      }
    }
    result.add("clocks", clocks());
    JsonObject benchmarks = read("benchmarks.json").orElseGet(JsonObject::new);
    JsonArray figures = new JsonArray();
    if (benchmarks.has("figures")) {
      figures = benchmarks.getAsJsonArray("figures");
    }
    addRatios(figures);
    result.add("benchmarks", benchmarks);
  }

  private Optional<JsonObject> read(String name) throws IOException {
    Path file = parts.resolve(name);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(JsonParser.parseString(Files.readString(file)).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException e) {
      JsonObject broken = new JsonObject();
      broken.addProperty("error", "not readable: " + e.getMessage());
      return Optional.of(broken);
    }
  }

  private List<String> lines(String name) throws IOException {
    Path file = parts.resolve(name);
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  private JsonObject facts() throws IOException {
    JsonObject facts = new JsonObject();
    for (String line : lines("facts.txt")) {
      int equals = line.indexOf('=');
      if (equals > 0) {
        facts.addProperty(line.substring(0, equals), line.substring(equals + 1).strip());
      }
    }
    return facts;
  }

  private JsonArray partList() throws IOException {
    JsonArray list = new JsonArray();
    for (String line : lines("parts.tsv")) {
      String[] fields = line.split("\t");
      JsonObject part = new JsonObject();
      part.addProperty("name", fields[0]);
      part.addProperty("status", fields[1]);
      part.addProperty("seconds", Integer.parseInt(fields[2]));
      list.add(part);
    }
    return list;
  }

  // What the GPU's clocks, power and temperature were while the benchmarks ran.
  private JsonObject clocks() throws IOException {
    Map<String, List<Double>> columns = new LinkedHashMap<>();
    String[] names = {"sm_mhz", "memory_mhz", "power_w", "temperature_c"};
    JsonArray throttled = new JsonArray();
    for (String line : lines("clocks.csv")) {
      String[] fields = line.split(", *");
      for (int i = 0; i < names.length && i + 1 < fields.length; i++) {
        try {
          double value = Double.parseDouble(fields[i + 1]);
          columns.computeIfAbsent(names[i], name -> new ArrayList<>()).add(value);
        } catch (NumberFormatException e) {
          // nvidia-smi prints [N/A] for what a GPU does not tell.
        }
      }
      if (fields.length > 5) {
        JsonElement reason = GSON.toJsonTree(fields[5]);
        if (!throttled.contains(reason)) {
          throttled.add(reason);
        }
      }
    }
    JsonObject clocks = new JsonObject();
    columns.forEach((name, values) -> clocks.add(name, Spread.of(values).toJson()));
    clocks.add("throttle_reasons", throttled);
    return clocks;
  }

  /**
   * Adds to each figure its rates and how they compare: with the fastest copy of this run where
   * memory is the limit, and with PyTorch at the same task.
   */
  private static void addRatios(JsonArray figures) {
    Map<String, Double> torch = new LinkedHashMap<>();
    double copy = 0;
    for (JsonElement element : figures) {
      JsonObject figure = element.getAsJsonObject();
      if (!isOk(figure)) {
        continue;
      }
      Task task = Task.parse(figure.get("task").getAsString());
      if (figure.get("contestant").getAsString().equals("torch")) {
        torch.put(task.id(), wall(figure));
      }
      if (task.kind().equals("copy")) {
        copy = Math.max(copy, task.bytes() / device(figure) / 1e6);
      }
    }
    for (JsonElement element : figures) {
      JsonObject figure = element.getAsJsonObject();
      if (!isOk(figure)) {
        continue;
      }
      Task task = Task.parse(figure.get("task").getAsString());
      if (task.isMemoryBound()) {
        double rate = task.bytes() / device(figure) / 1e6;
        figure.addProperty("gb_per_s", rate);
        figure.addProperty("of_copy", rate / copy);
      }
      if (task.flops() > 0) {
        figure.addProperty("tflop_per_s", task.flops() / wall(figure) / 1e9);
      }
      Double peer = torch.get(task.id());
      if (peer != null) {
        figure.addProperty("speed_of_torch", peer / wall(figure));
      }
    }
  }

  static boolean isOk(JsonObject figure) {
    return figure.has("status") && figure.get("status").getAsString().equals("ok");
  }

  static double wall(JsonObject figure) {
    return Spread.of(figure.getAsJsonObject("wall_ms")).median();
  }

  static double device(JsonObject figure) {
    return Spread.of(figure.getAsJsonObject("device_ms")).median();
  }
}
