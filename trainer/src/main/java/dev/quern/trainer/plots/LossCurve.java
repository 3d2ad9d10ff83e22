package dev.quern.trainer.plots;

import dev.quern.trainer.learn.History;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The loss of each epoch and, where there is one, the test accuracy against a second axis. */
public final class LossCurve {
  private static final Color LOSS = new Color(0x1f, 0x5f, 0xa8);
  private static final Color ACCURACY = new Color(0xc8, 0x5a, 0x11);
  private static final Color GRID = new Color(0xdd, 0xdd, 0xdd);
  // Losses that span more than this are easier to read on a logarithmic axis.
  private static final double LOGARITHMIC_FROM = 30;

  // In pixels: XChart's own least distance of two ticks, and about how wide the plot is.
  private static final int LEAST_SPACING = 74;
  private static final int PLOT_WIDTH = 800;

  private LossCurve() {}

  /**
   * Draws a training run into a PNG file.
   *
   * @throws IllegalArgumentException if nothing was measured
   * @throws java.io.UncheckedIOException if the file cannot be written
   */
  public static void write(String title, History history, Path path) {
    List<History.Point> points = history.points();
    if (points.isEmpty()) {
      throw new IllegalArgumentException("loss curve: nothing was measured");
    }
    XYChart chart =
        new XYChartBuilder()
            .width(960)
            .height(600)
            .title(title)
            .xAxisTitle("epoch")
            .yAxisTitle("training loss")
            .build();
    style(chart.getStyler());
    double[] epochs = points.stream().mapToDouble(History.Point::epoch).toArray();
    // XChart gives evenly spaced points a tick each, with numbers that run into each other.
    epochs[0] += 1e-3;
    double[] losses = points.stream().mapToDouble(History.Point::loss).toArray();
    double[] accuracies = points.stream().mapToDouble(p -> 100 * p.accuracy()).toArray();
    boolean classes = !Double.isNaN(accuracies[0]);
    // The setting is one for both axes, and accuracies want a linear one.
    chart.getStyler().setYAxisLogarithmic(!classes && spansDecades(losses));
    chart.getStyler().setXAxisTickMarkSpacingHint(spacing(epochs));
    if (least(losses) == greatest(losses)) {
      // The only number on the axis would be written with all its digits.
      chart
          .getStyler()
          .setYAxisDecimalPattern(losses[0] > 0 && losses[0] < 1e-3 ? "0.###E0" : "0.####");
    }
    boolean dots = points.size() <= 40;
    style(chart.addSeries("training loss", epochs, losses), LOSS, 0, dots);
    if (classes) {
      chart.setYAxisGroupTitle(1, "test accuracy, %");
      chart.getStyler().setYAxisGroupPosition(1, Styler.YAxisPosition.Right);
      style(chart.addSeries("test accuracy", epochs, accuracies), ACCURACY, 1, dots);
    }
    Png.write(BitmapEncoder.getBufferedImage(chart), path);
  }

  private static boolean spansDecades(double[] losses) {
    double least = least(losses);
    return least > 0 && greatest(losses) / least > LOGARITHMIC_FROM;
  }

  private static double least(double[] losses) {
    return Arrays.stream(losses).min().orElse(Double.NaN);
  }

  private static double greatest(double[] losses) {
    return Arrays.stream(losses).max().orElse(Double.NaN);
  }

  /** Returns how far apart ticks must be for none to fall between two epochs. */
  private static int spacing(double[] epochs) {
    double span = epochs[epochs.length - 1] - epochs[0];
    return span > 0 ? (int) Math.max(LEAST_SPACING, 0.9 * PLOT_WIDTH / span) : LEAST_SPACING;
  }

  static void style(XYStyler styler) {
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 15);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    styler.setAxisTitleFont(plain);
    styler.setAxisTickLabelsFont(plain);
    styler.setLegendFont(plain);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setPlotGridLinesColor(GRID);
    styler.setPlotGridLinesStroke(new BasicStroke(1));
    styler.setLegendBorderColor(GRID);
    styler.setLegendPosition(Styler.LegendPosition.OutsideS);
    styler.setLegendLayout(Styler.LegendLayout.Horizontal);
    styler.setXAxisDecimalPattern("#,##0.##");
    styler.setChartPadding(16);
  }

  private static void style(XYSeries series, Color color, int axis, boolean dots) {
    series.setYAxisGroup(axis);
    series.setLineColor(color);
    series.setLineStyle(new BasicStroke(2.2f));
    series.setMarker(dots ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    series.setMarkerColor(color);
  }
}
