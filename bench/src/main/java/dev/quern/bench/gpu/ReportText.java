package dev.quern.bench.gpu;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The results as a page to read. */
final class ReportText {
  private static final int MOST_FAILURES = 40;
  private static final int LONGEST = 160;

  private final JsonObject result;
  private final StringBuilder text = new StringBuilder();

  ReportText(JsonObject result) {
    this.result = result;
  }

  /** Returns the page, as Markdown. */
  @Override
  public String toString() {
    text.setLength(0);
    JsonObject facts = result.getAsJsonObject("facts");
    line("# Quern on " + value(facts, "gpu.name", value(facts, "quern.name", "?")));
    facts(facts);
    parts();
    kit("kit", "The test kit, fused");
    kit("kit-eager", "The test kit's kernels, eager");
    figures();
    kernels();
    return text.toString();
  }

  private void line(String content) {
    text.append(content).append('\n');
  }

  private void heading(String content) {
    line("");
    line("## " + content);
    line("");
  }

  // Within one cell of a table.
  private static String cell(String content) {
    String flat = content.replace('\n', ' ').replace("|", "\\|");
    return flat.length() > LONGEST ? flat.substring(0, LONGEST) + " ..." : flat;
  }

  private static String value(JsonObject json, String name, String absent) {
    return json.has(name) ? json.get(name).getAsString() : absent;
  }

  private static String number(double value) {
    String format = value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : value >= 1 ? "%.2f" : "%.4f";
    return String.format(Locale.ROOT, format, value);
  }

  private static String percent(JsonObject figure, String name) {
    return figure.has(name)
        ? String.format(Locale.ROOT, "%.0f %%", 100 * figure.get(name).getAsDouble())
        : "";
  }

  private static String spread(JsonObject json) {
    Spread spread = Spread.of(json);
    return number(spread.median()) + " (" + number(spread.min()) + "-" + number(spread.max()) + ")";
  }

  private void facts(JsonObject facts) {
    heading("The machine");
    line("| | |");
    line("|---|---|");
    facts.entrySet().forEach(e -> line("| " + e.getKey() + " | " + cell(string(e)) + " |"));
    result
        .getAsJsonObject("clocks")
        .entrySet()
        .forEach(
            e ->
                line(
                    "| during the benchmarks: "
                        + e.getKey()
                        + " | "
                        + (e.getValue().isJsonObject()
                            ? spread(e.getValue().getAsJsonObject())
                            : cell(e.getValue().toString()))
                        + " |"));
    JsonObject benchmarks = result.getAsJsonObject("benchmarks");
    if (benchmarks.has("contestants")) {
      benchmarks
          .getAsJsonObject("contestants")
          .entrySet()
          .forEach(e -> line("| " + e.getKey() + " | " + cell(e.getValue().toString()) + " |"));
      line("| scale | " + benchmarks.get("scale") + " |");
    }
  }

  private static String string(java.util.Map.Entry<String, JsonElement> entry) {
    return entry.getValue().getAsString();
  }

  private void parts() {
    heading("The parts of this run");
    line("| part | status | s |");
    line("|---|---|---|");
    for (JsonElement element : result.getAsJsonArray("parts")) {
      JsonObject part = element.getAsJsonObject();
      line(
          "| "
              + value(part, "name", "")
              + " | "
              + cell(value(part, "status", ""))
              + " | "
              + value(part, "seconds", "")
              + " |");
    }
  }

  private void kit(String name, String title) {
    heading(title);
    if (!result.has(name)) {
      line("Left no result.");
      return;
    }
    JsonObject kit = result.getAsJsonObject(name);
    if (kit.has("error")) {
      line(value(kit, "error", ""));
      return;
    }
    JsonArray skipped = kit.getAsJsonArray("skipped");
    line(
        String.format(
            Locale.ROOT,
            "%s passed, %s failed, %d skipped, %s tests or groups of tests not run for want of"
                + " time, %.0f s.%s",
            kit.get("succeeded"),
            kit.get("failed"),
            skipped.size(),
            kit.get("groups_not_run"),
            kit.get("seconds").getAsDouble(),
            kit.get("complete").getAsBoolean()
                ? ""
                : " **The process ended, or was stopped, in " + value(kit, "last", "?") + ".**"));
    if (kit.has("losses") && kit.get("losses").getAsInt() > 0) {
      line("");
      line(
          "Tests that lost the device: "
              + kit.get("losses")
              + "; a new process went on each time.");
    }
    list(kit.getAsJsonArray("failures"), "failed");
    list(skipped, "skipped");
  }

  private void list(JsonArray tests, String what) {
    for (int i = 0; i < Math.min(MOST_FAILURES, tests.size()); i++) {
      JsonElement test = tests.get(i);
      if (i == 0) {
        line("");
      }
      line(
          "- "
              + what
              + ": "
              + (test.isJsonObject()
                  ? cell(value(test.getAsJsonObject(), "test", ""))
                      + ": "
                      + cell(value(test.getAsJsonObject(), "message", ""))
                  : cell(test.getAsString())));
    }
    if (tests.size() > MOST_FAILURES) {
      line("- and " + (tests.size() - MOST_FAILURES) + " more, see results.json");
    }
  }

  private JsonArray allFigures() {
    JsonObject benchmarks = result.getAsJsonObject("benchmarks");
    return benchmarks.has("figures") ? benchmarks.getAsJsonArray("figures") : new JsonArray();
  }

  private void figures() {
    heading("Benchmarks");
    JsonArray figures = allFigures();
    if (figures.isEmpty()) {
      line("None.");
      return;
    }
    line("Milliseconds a run: median (least-greatest). Wall: the clock over many runs handed over");
    line(
        "one after another. Device: what the device counts, for Quern its kernels alone. Of copy:");
    line("the rate of reading and writing by the device's count, as a part of the fastest copy of");
    line("this run. Of torch: PyTorch's wall time over this one's, so that above 100 % is faster.");
    line("");
    List<String> late = new ArrayList<>();
    line("| task | by | wall ms | device ms | GB/s | of copy | TFLOP/s | of torch |");
    line("|---|---|---|---|---|---|---|---|");
    for (JsonElement element : figures) {
      JsonObject figure = element.getAsJsonObject();
      String who = "| " + value(figure, "id", "") + " | " + value(figure, "contestant", "") + " | ";
      if (value(figure, "reason", "").equals(Benchmarks.LATE)) {
        late.add(value(figure, "id", "") + " by " + value(figure, "contestant", ""));
        continue;
      }
      if (!Report.isOk(figure)) {
        line(who + cell(value(figure, "reason", "no result")) + " | | | | | |");
        continue;
      }
      line(
          who
              + spread(figure.getAsJsonObject("wall_ms"))
              + " | "
              + spread(figure.getAsJsonObject("device_ms"))
              + " | "
              + rate(figure, "gb_per_s")
              + " | "
              + percent(figure, "of_copy")
              + " | "
              + rate(figure, "tflop_per_s")
              + " | "
              + percent(figure, "speed_of_torch")
              + " |");
    }
    if (!late.isEmpty()) {
      line("");
      line("Not run, since the time was up: " + String.join(", ", late));
    }
  }

  private static String rate(JsonObject figure, String name) {
    return figure.has(name) ? number(figure.get(name).getAsDouble()) : "";
  }

  private void kernels() {
    heading("Kernels of a training step, fused");
    line("| task | kernel | us | GB/s | GFLOP/s |");
    line("|---|---|---|---|---|");
    for (JsonElement element : allFigures()) {
      JsonObject figure = element.getAsJsonObject();
      boolean step =
          value(figure, "id", "").startsWith("mlp-f32")
              && value(figure, "contestant", "").equals("quern");
      if (step && figure.has("kernels")) {
        for (JsonElement run : figure.getAsJsonArray("kernels")) {
          JsonObject kernel = run.getAsJsonObject();
          line(
              "| "
                  + value(figure, "id", "")
                  + " | "
                  + cell(value(kernel, "kernel", "") + " " + value(kernel, "shapes", ""))
                  + " | "
                  + rate(kernel, "us")
                  + " | "
                  + rate(kernel, "gb_per_s")
                  + " | "
                  + rate(kernel, "gflop_per_s")
                  + " |");
        }
      }
    }
  }
}
