package dev.quern.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A finished race.
 *
 * @param facts where and when it was
 * @param versions what each contender is
 * @param threads the numbers of threads
 * @param results the cases
 */
record Report(
    Map<String, String> facts,
    Map<String, String> versions,
    List<Integer> threads,
    List<CaseResult> results) {

  /** One row of the table, as text. */
  record Row(
      String what,
      int threads,
      String time,
      String rate,
      String limit,
      String spread,
      List<String> ratios,
      List<String> aims) {}

  /** Returns the rows of one case. */
  static List<Row> rows(CaseResult result, List<Integer> threads) {
    List<Row> rows = new ArrayList<>();
    for (int count : threads) {
      result
          .timing(CaseResult.QUERN, count)
          .ifPresent(
              own ->
                  rows.add(
                      new Row(
                          result.line().spec().toString(),
                          count,
                          time(own.median()),
                          isSmall(result) ? "" : text("%.1f %s", result.rate(own), result.unit()),
                          isSmall(result)
                              ? ""
                              : result
                                  .limit(count)
                                  .map(limit -> text("%.0f %%", 100 * result.rate(own) / limit))
                                  .orElse(""),
                          text("%.0f %%", 100 * own.spread()),
                          result.peers(count).stream().map(peer -> ratio(own, peer)).toList(),
                          result.aims(count))));
    }
    return rows;
  }

  /** Returns whether a case is too small for rates to mean anything. */
  static boolean isSmall(CaseResult result) {
    return result.line().family().equals("small work");
  }

  private static String ratio(Timing own, Timing peer) {
    double[] ratios = own.ratios(peer);
    return text(
        "%s %.2f (%.2f-%.2f)",
        peer.label().name(),
        Timing.quantile(ratios, 0.5),
        Timing.quantile(ratios, 0.25),
        Timing.quantile(ratios, 0.75));
  }

  /** Returns a time in a readable unit. */
  static String time(double nanos) {
    if (nanos < 1e4) {
      return text("%.0f ns", nanos);
    }
    return nanos < 1e6 ? text("%.1f us", nanos / 1e3) : text("%.2f ms", nanos / 1e6);
  }

  static String text(String format, Object... args) {
    return String.format(Locale.ROOT, format, args);
  }

  /** Returns everything that was measured. */
  String json() {
    JsonObject out = new JsonObject();
    JsonObject where = new JsonObject();
    facts.forEach(where::addProperty);
    out.add("facts", where);
    JsonObject who = new JsonObject();
    versions.forEach(who::addProperty);
    out.add("contenders", who);
    JsonArray cases = new JsonArray();
    for (CaseResult result : results) {
      cases.add(json(result));
    }
    out.add("cases", cases);
    return new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create().toJson(out);
  }

  private JsonObject json(CaseResult result) {
    JsonObject entry = new JsonObject();
    entry.addProperty("family", result.line().family());
    entry.addProperty("case", result.line().spec().toString());
    entry.addProperty("operations", result.line().spec().operations());
    entry.addProperty("bytes", result.line().spec().bytes());
    JsonArray timings = new JsonArray();
    for (Timing timing : result.timings()) {
      JsonObject one = new JsonObject();
      one.addProperty("contender", timing.label().name());
      one.addProperty("threads", timing.label().threads());
      one.addProperty("medianNanos", timing.median());
      one.addProperty("spread", timing.spread());
      result
          .timing(CaseResult.QUERN, timing.label().threads())
          .ifPresent(
              own -> one.addProperty("ratioToQuern", Timing.quantile(own.ratios(timing), 0.5)));
      JsonArray samples = new JsonArray();
      for (double nanos : timing.nanos()) {
        samples.add(nanos);
      }
      one.add("nanos", samples);
      timings.add(one);
    }
    entry.add("timings", timings);
    JsonObject limits = new JsonObject();
    JsonObject aims = new JsonObject();
    for (int count : threads) {
      result.limit(count).ifPresent(limit -> limits.addProperty(count + "T", limit));
      JsonArray texts = new JsonArray();
      result.aims(count).forEach(texts::add);
      aims.add(count + "T", texts);
    }
    entry.add("limits", limits);
    entry.addProperty("unit", result.unit());
    entry.add("aims", aims);
    JsonArray complaints = new JsonArray();
    result.complaints().forEach(complaints::add);
    entry.add("complaints", complaints);
    return entry;
  }

  /** Returns the table as Markdown. */
  String markdown() {
    StringBuilder out = new StringBuilder();
    facts.forEach(
        (name, value) -> out.append("- ").append(name).append(": ").append(value).append('\n'));
    versions.forEach(
        (name, value) -> out.append("- `").append(name).append("`: ").append(value).append('\n'));
    out.append('\n');
    out.append(
        "| what | threads | Quern | rate | of the limit | spread | times as fast as | aims |\n");
    out.append("|---|---|---|---|---|---|---|---|\n");
    for (CaseResult result : results) {
      for (Row row : rows(result, threads)) {
        out.append(
            text(
                "| %s | %d | %s | %s | %s | %s | %s | %s |%n",
                row.what(),
                row.threads(),
                row.time(),
                row.rate(),
                row.limit(),
                row.spread(),
                String.join(", ", row.ratios()),
                String.join("; ", row.aims())));
      }
    }
    return out.toString();
  }
}
