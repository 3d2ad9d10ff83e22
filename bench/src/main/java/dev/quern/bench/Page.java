package dev.quern.bench;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A race as one page of HTML that needs nothing else: tables, bars, a roofline. */
final class Page {
  private static final String[] COLOURS = {
    "#0b7285", "#e8590c", "#5f3dc4", "#2b8a3e", "#c2255c", "#868e96", "#e67700", "#1864ab"
  };
  private static final String STYLE =
      "body{font:15px/1.45 system-ui,sans-serif;margin:2em auto;max-width:76em;padding:0 1em;color:#212529}"
          + "table{border-collapse:collapse;width:100%;font-size:13px}"
          + "td,th{padding:.25em .6em;border-bottom:1px solid #dee2e6;text-align:left;vertical-align:top}"
          + "td.n{text-align:right;white-space:nowrap}.missed{color:#c92a2a}"
          + "svg{max-width:100%;height:auto}svg text{font:11px system-ui,sans-serif;fill:#343a40}"
          + "h2{margin-top:2em}.key span{margin-right:1.2em;white-space:nowrap}"
          + ".key i{display:inline-block;width:.8em;height:.8em;margin-right:.3em}";

  private final Report report;
  private final List<String> names;

  private Page(Report report) {
    this.report = report;
    Set<String> all = new LinkedHashSet<>();
    all.add(CaseResult.QUERN);
    for (CaseResult result : report.results()) {
      for (Timing timing : result.timings()) {
        if (!timing.label().name().equals(CaseResult.MACHINE)) {
          all.add(timing.label().name());
        }
      }
    }
    names = List.copyOf(all);
  }

  /** Returns the page. */
  static String of(Report report) {
    return new Page(report).html();
  }

  private String html() {
    StringBuilder out = new StringBuilder();
    out.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    out.append("<meta name=\"viewport\" content=\"width=device-width\">");
    out.append("<title>Quern benchmark</title><style>").append(STYLE).append("</style>");
    out.append("<h1>Quern benchmark</h1><table>");
    report.facts().forEach((name, value) -> fact(out, name, value));
    report.versions().forEach((name, value) -> fact(out, name, value));
    out.append("</table>");
    out.append(
        "<p>Everybody computes the same numbers in turns, A, B, C, A, B, C; results are compared");
    out.append(
        " with an oracle before anything is timed. Times are medians of the rounds; ratios are");
    out.append(
        " medians of the rounds' ratios, with their quartiles; above 1 Quern is faster.</p>");
    for (int count : report.threads()) {
      out.append("<h2>Roofline, ").append(threads(count)).append("</h2>");
      out.append(Roofline.svg(report.results(), count));
    }
    key(out);
    Set<String> families = new LinkedHashSet<>();
    report.results().forEach(result -> families.add(result.line().family()));
    for (String family : families) {
      family(out, family);
    }
    return out.append("</html>\n").toString();
  }

  private static void fact(StringBuilder out, String name, String value) {
    out.append("<tr><th>")
        .append(escape(name))
        .append("<td>")
        .append(escape(value))
        .append("</tr>");
  }

  private void key(StringBuilder out) {
    out.append("<h2>Who is who</h2><p class=\"key\">");
    for (int i = 0; i < names.size(); i++) {
      out.append("<span><i style=\"background:").append(colour(i)).append("\"></i>");
      out.append(escape(names.get(i))).append("</span>");
    }
    out.append("</p>");
  }

  private void family(StringBuilder out, String family) {
    out.append("<h2>").append(escape(family)).append("</h2>");
    List<CaseResult> results =
        report.results().stream().filter(r -> r.line().family().equals(family)).toList();
    for (int count : report.threads()) {
      out.append("<h3>Time relative to Quern's, ").append(threads(count)).append("</h3>");
      out.append(bars(results, count));
    }
    out.append("<table><tr><th>what<th>threads<th>Quern<th>rate<th>of the limit<th>spread");
    out.append("<th>times as fast as<th>aims</tr>");
    for (CaseResult result : results) {
      for (Report.Row row : Report.rows(result, report.threads())) {
        out.append("<tr><td>").append(escape(row.what()));
        for (String cell :
            List.of("" + row.threads(), row.time(), row.rate(), row.limit(), row.spread())) {
          out.append("<td class=\"n\">").append(escape(cell));
        }
        out.append("<td>").append(escape(String.join(", ", row.ratios()))).append("<td>");
        for (String aim : row.aims()) {
          boolean missed = aim.endsWith("MISSED");
          out.append(missed ? "<div class=\"missed\">" : "<div>")
              .append(escape(aim))
              .append("</div>");
        }
        out.append("</tr>");
      }
      for (String complaint : result.complaints()) {
        out.append("<tr><td class=\"missed\" colspan=\"8\">")
            .append(escape(complaint))
            .append("</tr>");
      }
    }
    out.append("</table>");
  }

  // A bar for each contender, twice as long for twice the time; what is longer than five is cut.
  private String bars(List<CaseResult> results, int count) {
    double longest = 5;
    int left = 210;
    int width = 640;
    List<String> shapes = new ArrayList<>();
    int y = 4;
    for (CaseResult result : results) {
      Map<String, Double> medians = new java.util.LinkedHashMap<>();
      for (String name : names) {
        result.timing(name, count).ifPresent(t -> medians.put(name, t.median()));
      }
      Double own = medians.get(CaseResult.QUERN);
      if (own == null) {
        continue;
      }
      shapes.add(text(left - 8, y + 9, "end", result.line().spec().toString()));
      for (Map.Entry<String, Double> entry : medians.entrySet()) {
        double ratio = entry.getValue() / own;
        double length = Math.min(ratio, longest) / longest * width;
        shapes.add(
            Report.text(
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"9\" fill=\"%s\"/>",
                left, y, length, colour(names.indexOf(entry.getKey()))));
        shapes.add(
            text(
                left + length + 4,
                y + 9,
                "start",
                Report.text(
                    "%.2f%s  %s",
                    ratio, ratio > longest ? " (cut)" : "", Report.time(entry.getValue()))));
        y += 11;
      }
      y += 8;
    }
    shapes.add(
        Report.text(
            "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"0\" y2=\"%2$d\" stroke=\"#adb5bd\"/>",
            left + width / longest, y));
    return Report.text("<svg viewBox=\"0 0 960 %d\" width=\"960\">", y)
        + String.join("", shapes)
        + "</svg>";
  }

  static String text(double x, double y, String anchor, String text) {
    return Report.text(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>", x, y, anchor, escape(text));
  }

  private static String threads(int count) {
    return count + (count == 1 ? " thread" : " threads");
  }

  private static String colour(int index) {
    return COLOURS[index % COLOURS.length];
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
