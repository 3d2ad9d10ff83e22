package dev.quern.trainer.plots;

import dev.quern.trainer.learn.LineCost.Point;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The cost of a line against one of its parameters, and against the steps of a descent. */
public final class CostCurves {
  /**
   * The costs of a descent.
   *
   * @param rate its learning rate
   * @param label what the legend says about it
   * @param points the start and the point after each step
   */
  public record Descent(double rate, String label, List<Point> points) {}

  private static final Color CURVE = new Color(0x1f, 0x5f, 0xa8);
  private static final Color MINIMUM = new Color(0xc0, 0x2a, 0x1e);
  private static final Color[] COLOURS = {
    CURVE,
    new Color(0x2a, 0x8a, 0x3c),
    new Color(0xc0, 0x2a, 0x1e),
    new Color(0x7a, 0x3f, 0xa0),
    new Color(0xc8, 0x7a, 0x11),
    new Color(0x44, 0x44, 0x44),
  };

  private CostCurves() {}

  /**
   * Draws the cost against one parameter into a PNG file.
   *
   * @param curve the label of the curve
   * @param at the values of the parameter
   * @param best the parameter and the cost at the minimum
   * @param parameter what the parameter is called
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void writeSection(
      String title,
      String xAxis,
      String yAxis,
      String curve,
      double[] at,
      double[] costs,
      double[] best,
      String parameter,
      Path path) {
    XYChart chart = chart(title, xAxis, yAxis);
    // XChart puts the ticks of evenly spaced points at points, however crooked their numbers: a
    // doubled first point makes them uneven.
    line(chart.addSeries(curve, doubledFirst(at), doubledFirst(costs)), CURVE, SeriesMarkers.NONE);
    if (best[0] >= at[0] && best[0] <= at[at.length - 1]) {
      XYSeries minimum =
          chart.addSeries(
              "minimum: " + parameter + " = " + number(best[0]) + ", J = " + number(best[1]),
              new double[] {best[0]},
              new double[] {best[1]});
      line(minimum, MINIMUM, SeriesMarkers.CIRCLE);
      minimum.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    }
    Png.write(paint(chart), path);
  }

  /**
   * Draws the costs of several descents from one start into a PNG file; one that grows beyond twice
   * its start is cut there.
   *
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void writeRates(
      String title, String yAxis, List<Descent> descents, int steps, Path path) {
    XYChart chart = chart(title, "iteration", yAxis);
    double top = 2 * descents.get(0).points().get(0).cost();
    if (top > 0) {
      chart.getStyler().setYAxisMin(0.0);
      chart.getStyler().setYAxisMax(top);
    }
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setXAxisMax((double) steps);
    int cuts = 0;
    for (int i = 0; i < descents.size(); i++) {
      List<Point> points = descents.get(i).points();
      double[] x = new double[Math.min(steps + 1, points.size())];
      double[] y = new double[x.length];
      int n = 0;
      boolean inside = true;
      while (inside && n < x.length) {
        double cost = points.get(n).cost();
        x[n] = n;
        y[n] = cost;
        if (n > 0 && !(cost <= top)) {
          // The curve is to leave through the top edge, on the way to a point far above it.
          inside = false;
          double from = y[n - 1];
          x[n] = Double.isFinite(cost) ? n - 1 + (top - from) / (cost - from) : n - 1;
          y[n] = top;
        }
        n++;
      }
      XYSeries series =
          chart.addSeries(descents.get(i).label(), Arrays.copyOf(x, n), Arrays.copyOf(y, n));
      line(series, COLOURS[i % COLOURS.length], SeriesMarkers.NONE);
      if (!inside) {
        // The text is centred on its place: to the right of where the curve leaves.
        double at = Math.min(x[n - 1] + 0.13 * steps, 0.87 * steps);
        String text = "rate " + number(descents.get(i).rate()) + " grows on: cut";
        chart.addAnnotation(new AnnotationText(text, at, (0.96 - 0.05 * cuts) * top, false));
        cuts++;
      }
    }
    Png.write(paint(chart), path);
  }

  /** Returns a number with as many digits as are read at a glance. */
  public static String number(double value) {
    if (!Double.isFinite(value)) {
      return String.valueOf(value);
    }
    if (value != 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e7)) {
      return String.format(Locale.ROOT, "%.3g", value);
    }
    int digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 10 ? 2 : 4;
    return new BigDecimal(String.format(Locale.ROOT, "%." + digits + "f", value))
        .stripTrailingZeros()
        .toPlainString();
  }

  private static XYChart chart(String title, String xAxis, String yAxis) {
    XYChart chart =
        new XYChartBuilder()
            .width(960)
            .height(600)
            .title(title)
            .xAxisTitle(xAxis)
            .yAxisTitle(yAxis)
            .build();
    LossCurve.style(chart.getStyler());
    chart.getStyler().setXAxisDecimalPattern("#,##0.#####");
    chart.getStyler().setChartTitlePadding(12);
    chart.getStyler().setAnnotationTextFont(new Font(Font.SANS_SERIF, Font.PLAIN, 14));
    chart.getStyler().setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
    chart.getStyler().setMarkerSize(11);
    return chart;
  }

  private static double[] doubledFirst(double[] values) {
    double[] all = new double[values.length + 1];
    all[0] = values[0];
    System.arraycopy(values, 0, all, 1, values.length);
    return all;
  }

  private static BufferedImage paint(XYChart chart) {
    BufferedImage picture =
        new BufferedImage(chart.getWidth(), chart.getHeight(), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    // Without it a curve's points are moved to whole pixels, which shows on a smooth one.
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    chart.paint(g, chart.getWidth(), chart.getHeight());
    g.dispose();
    return picture;
  }

  private static void line(XYSeries series, Color colour, Marker marker) {
    series.setLineColor(colour);
    series.setLineStyle(new BasicStroke(2.4f));
    series.setMarker(marker);
    series.setMarkerColor(colour);
  }
}
