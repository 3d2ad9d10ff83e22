package dev.quern.bench;

import java.util.ArrayList;
import java.util.List;

/**
 * Operations a second over operations a byte, both logarithmic, below what the machine's bandwidth
 * and arithmetic allow.
 */
final class Roofline {
  private static final double LEFT = 60;
  private static final double WIDTH = 860;
  private static final double TOP = 10;
  private static final double HEIGHT = 380;
  private static final double MIN_X = 0.05;
  private static final double MAX_X = 500;
  private static final double MIN_Y = 0.5;
  private static final double MAX_Y = 1000;

  private Roofline() {}

  /** Returns the picture for a number of threads. */
  static String svg(List<CaseResult> results, int threads) {
    List<String> shapes = new ArrayList<>();
    axes(shapes);
    double bandwidth = limit(results, threads, false);
    double peak = limit(results, threads, true);
    if (bandwidth > 0 && peak > 0) {
      roof(shapes, bandwidth, peak);
    }
    for (CaseResult result : results) {
      Timing own = result.timing(CaseResult.QUERN, threads).orElse(null);
      if (own == null || Report.isSmall(result)) {
        continue;
      }
      Spec spec = result.line().spec();
      double x = x(spec.operations() / spec.bytes());
      double y = y(spec.operations() / own.median());
      shapes.add(
          Report.text(
              "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"><title>%s: %.1f GFLOP/s, %.1f"
                  + " GB/s</title></circle>",
              x,
              y,
              spec.isArithmetic() ? "#0b7285" : "#e8590c",
              Page.escape(spec.toString()),
              spec.operations() / own.median(),
              spec.bytes() / own.median()));
      shapes.add(Page.text(x + 6, y + 4, "start", spec.toString()));
    }
    return "<svg viewBox=\"0 0 960 440\" width=\"960\">" + String.join("", shapes) + "</svg>";
  }

  private static double limit(List<CaseResult> results, int threads, boolean arithmetic) {
    double[] all =
        results.stream()
            .filter(r -> r.line().spec().isArithmetic() == arithmetic)
            .flatMap(r -> r.limit(threads).stream())
            .mapToDouble(Double::doubleValue)
            .toArray();
    return all.length == 0 ? 0 : Timing.quantile(all, 0.5);
  }

  private static void roof(List<String> shapes, double bandwidth, double peak) {
    double ridge = peak / bandwidth;
    shapes.add(
        Report.text(
            "<polyline fill=\"none\" stroke=\"#495057\" stroke-width=\"2\" points=\"%.1f,%.1f"
                + " %.1f,%.1f %.1f,%.1f\"/>",
            x(MIN_X), y(MIN_X * bandwidth), x(ridge), y(peak), x(MAX_X), y(peak)));
    shapes.add(
        Page.text(
            LEFT + WIDTH - 4,
            y(peak) - 6,
            "end",
            Report.text("%.0f GFLOP/s: multiplies and adds in the first-level cache", peak)));
    shapes.add(
        Page.text(
            x(MIN_X) + 6,
            y(MIN_X * bandwidth) - 14,
            "start",
            Report.text("%.1f GB/s: a copy", bandwidth)));
  }

  private static void axes(List<String> shapes) {
    shapes.add(
        Report.text(
            "<rect x=\"%.0f\" y=\"%.0f\" width=\"%.0f\" height=\"%.0f\" fill=\"#f8f9fa\""
                + " stroke=\"#ced4da\"/>",
            LEFT, TOP, WIDTH, HEIGHT));
    for (double v : new double[] {0.1, 1, 10, 100}) {
      shapes.add(line(x(v), TOP, x(v), TOP + HEIGHT));
      shapes.add(Page.text(x(v), TOP + HEIGHT + 16, "middle", Report.text("%s", number(v))));
    }
    for (double v : new double[] {1, 10, 100, 1000}) {
      shapes.add(line(LEFT, y(v), LEFT + WIDTH, y(v)));
      shapes.add(Page.text(LEFT - 6, y(v) + 4, "end", number(v)));
    }
    shapes.add(Page.text(LEFT + WIDTH / 2, TOP + HEIGHT + 36, "middle", "operations a byte"));
    shapes.add(Page.text(4, TOP + HEIGHT + 36, "start", "GFLOP/s, both axes logarithmic"));
  }

  private static String line(double x1, double y1, double x2, double y2) {
    return Report.text(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#e9ecef\"/>",
        x1, y1, x2, y2);
  }

  private static String number(double v) {
    return v < 1 ? String.valueOf(v) : String.valueOf((int) v);
  }

  private static double x(double intensity) {
    return LEFT + WIDTH * part(intensity, MIN_X, MAX_X);
  }

  private static double y(double rate) {
    return TOP + HEIGHT * (1 - part(rate, MIN_Y, MAX_Y));
  }

  private static double part(double value, double low, double high) {
    double inside = Math.max(low, Math.min(high, value));
    return Math.log(inside / low) / Math.log(high / low);
  }
}
