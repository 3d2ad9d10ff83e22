package dev.quern.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a report says of what a run left. */
final class ReportTest {
  @TempDir Path parts;

  private static JsonObject figure(Task task, String contestant, double milliseconds) {
    JsonObject figure = new JsonObject();
    figure.addProperty("task", task.line());
    figure.addProperty("id", task.id());
    figure.addProperty("contestant", contestant);
    figure.addProperty("status", "ok");
    figure.add("wall_ms", Spread.of(List.of(milliseconds)).toJson());
    figure.add("device_ms", Spread.of(List.of(milliseconds / 2)).toJson());
    return figure;
  }

  private JsonObject report(JsonObject... figures) throws IOException {
    JsonArray list = new JsonArray();
    for (JsonObject figure : figures) {
      list.add(figure);
    }
    JsonObject benchmarks = new JsonObject();
    benchmarks.addProperty("scale", 1);
    benchmarks.add("contestants", new JsonObject());
    benchmarks.add("figures", list);
    Files.writeString(parts.resolve("benchmarks.json"), benchmarks.toString());
    Report.main(new String[] {parts.toString(), parts.toString()});
    return JsonParser.parseString(Files.readString(parts.resolve("results.json")))
        .getAsJsonObject();
  }

  private static JsonObject figure(JsonObject report, int i) {
    return report.getAsJsonObject("benchmarks").getAsJsonArray("figures").get(i).getAsJsonObject();
  }

  @Test
  void shouldCompareWithTheFastestCopyAndWithTorch() throws IOException {
    JsonObject report =
        report(
            figure(Task.of("copy", "f32", 1000), "quern", 4),
            figure(Task.of("copy", "f32", 1000), "torch", 2),
            figure(Task.of("sum", "f32", 1000), "quern", 4),
            figure(Task.of("sum", "f32", 1000), "torch", 6));

    JsonObject sum = figure(report, 2);

    // 4000 bytes in 2 ms beside 8000 in 1 ms.
    assertEquals(0.25, sum.get("of_copy").getAsDouble(), 1e-12);
    assertEquals(1.5, sum.get("speed_of_torch").getAsDouble(), 1e-12);
  }

  @Test
  void shouldTellTheRateOfProducts() throws IOException {
    JsonObject report = report(figure(Task.of("matmul", "f32", 10, 20, 30), "quern", 2));

    double rate = figure(report, 0).get("tflop_per_s").getAsDouble();

    assertEquals(2 * 10 * 20 * 30 / 2e-3 / 1e12, rate, 1e-15);
  }

  @Test
  void shouldSayWhatIsMissing() throws IOException {
    Files.writeString(parts.resolve("parts.tsv"), "kit\tfailed: exit status 134\t7\n");

    Report.main(new String[] {parts.toString(), parts.toString()});

    String text = Files.readString(parts.resolve("report.md"));
    assertTrue(text.contains("| kit | failed: exit status 134 | 7 |"), text);
    assertTrue(text.contains("Left no result."), text);
    assertTrue(text.contains("None."), text);
  }

  @Test
  void shouldNameTheTestThatNeverEnded() throws IOException {
    Files.writeString(
        parts.resolve("kit.json"),
        """
        {"complete": false, "seconds": 9, "succeeded": 3, "failed": 0, "groups_not_run": 0,
         "skipped": [], "failures": []}
        """);
    Files.writeString(parts.resolve("kit.json.running"), "Matmul.shouldEnd()");

    Report.main(new String[] {parts.toString(), parts.toString()});

    String text = Files.readString(parts.resolve("report.md"));
    assertTrue(text.contains("was stopped, in Matmul.shouldEnd()"), text);
  }

  @Test
  void shouldSayHowOftenTheDeviceWasLost() throws IOException {
    Files.writeString(
        parts.resolve("kit.json"),
        """
        {"complete": true, "seconds": 9, "succeeded": 3, "failed": 2, "groups_not_run": 0,
         "losses": 2, "skipped": [], "failures": []}
        """);

    Report.main(new String[] {parts.toString(), parts.toString()});

    String text = Files.readString(parts.resolve("report.md"));
    assertTrue(text.contains("Tests that lost the device: 2; a new process went on"), text);
  }

  @Test
  void shouldKeepWhatFailedAndWhatCameTooLate() throws IOException {
    JsonObject wrong = figure(Task.of("tanh", "f32", 10), "quern", 1);
    wrong.addProperty("status", "failed");
    wrong.addProperty("reason", "expected 1, got 2 | 3");
    JsonObject late = figure(Task.of("sum", "f32", 10), "quern", 1);
    late.addProperty("status", "failed");
    late.addProperty("reason", Benchmarks.LATE);

    report(wrong, late);

    String text = Files.readString(parts.resolve("report.md"));
    assertTrue(text.contains("| tanh-f32-10 | quern | expected 1, got 2 \\| 3 |"), text);
    assertTrue(text.contains("Not run, since the time was up: sum-f32-10 by quern"), text);
  }

  @Test
  void shouldReadClocksAroundWhatTheGpuDoesNotTell() throws IOException {
    Files.writeString(
        parts.resolve("clocks.csv"),
        """
        2026/01/01 00:00:00.000, 1980, 2619, 650.5, 60, 0x0000000000000000
        2026/01/01 00:00:02.000, 1755, 2619, [N/A], 62, 0x0000000000000004
        """);

    JsonObject clocks = report().getAsJsonObject("clocks");

    assertEquals(1755, clocks.getAsJsonObject("sm_mhz").get("min").getAsDouble());
    assertEquals(1, clocks.getAsJsonObject("power_w").get("count").getAsInt());
    assertEquals(2, clocks.getAsJsonArray("throttle_reasons").size());
  }
}
