package dev.quern.examples;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Module;
import dev.quern.random.Generator;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the tutorial's pictures from what its code computes. */
public final class Pictures {
  private static final Color[] COLOURS = {
    new Color(0x1f, 0x5f, 0xa8),
    new Color(0xc8, 0x5a, 0x11),
    new Color(0x3b, 0x8a, 0x3b),
    new Color(0x8a, 0x3b, 0x8a),
    new Color(0x55, 0x55, 0x55),
  };
  private static final int SQUARE = 340;
  private static final double REACH = 1.25;

  private Pictures() {}

  /** Returns all pictures of the tutorial. */
  public static List<Picture> all() {
    try (Scope scope = Scope.open()) {
      return List.of(cost(), rates(), line(), activations(), depth(), spirals());
    }
  }

  private static Picture cost() {
    Tensor x = Tensor.of(Lines.SIZES, 6);
    Tensor y = Tensor.of(Lines.PRICES, 6);
    Tensor slopes = Tensor.arange(-0.2, 3.01, 0.05);
    double[] descent = new double[7];
    for (int step = 1; step < descent.length; step++) {
      Tensor error = x.mul(descent[step - 1]).add(0.5).sub(y);
      descent[step] = descent[step - 1] - 0.08 * error.mul(x).mean().item();
    }
    XYChart chart = chart("J(w, 0.5), and descent from w = 0 at the rate 0.08", "w", "J");
    curve(chart, "J(w, 0.5)", slopes.toDoubleArray(), costs(x, y, slopes), 0);
    XYSeries steps =
        curve(chart, "steps", descent, costs(x, y, Tensor.of(descent, 7).cast(DType.F32)), 1);
    steps.setMarker(SeriesMarkers.CIRCLE);
    return picture("cost", chart);
  }

  private static double[] costs(Tensor x, Tensor y, Tensor slopes) {
    Tensor errors = slopes.unsqueeze(1).mul(x).add(0.5).sub(y);
    return errors.square().sum(1).div(2.0 * y.size()).toDoubleArray();
  }

  private static Picture rates() {
    Tensor x = Tensor.of(Lines.SIZES, 6);
    Tensor y = Tensor.of(Lines.PRICES, 6);
    XYChart chart = chart("The cost after each step", "step", "J");
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setYAxisMax(1000.0);
    double[] rates = {0.01, 0.1, 0.5};
    for (int i = 0; i < rates.length; i++) {
      // The diverging one leaves the picture.
      List<Double> path = Lines.descend(x, y, rates[i], i < 2 ? 40 : 9);
      double[] costs = path.stream().mapToDouble(v -> v).toArray();
      curve(chart, "rate " + rates[i], upTo(costs.length), costs, i);
    }
    return picture("rates", chart);
  }

  private static Picture line() {
    double[] fit = Lines.fit(Tensor.of(Lines.SIZES, 6), Tensor.of(Lines.PRICES, 6));
    String title = String.format(Locale.ROOT, "y = %.4f x + %.4f", fit[0], fit[1]);
    XYChart chart = chart(title, "size, 100 square metres", "price, 100,000 euros");
    chart.getStyler().setXAxisMin(0.0);
    chart.getStyler().setYAxisMin(0.0);
    XYSeries houses = curve(chart, "houses", doubles(Lines.SIZES), doubles(Lines.PRICES), 1);
    houses.setMarker(SeriesMarkers.CIRCLE);
    houses.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
    Tensor x = Tensor.arange(0, 3.26, 0.25);
    double[] prices = x.mul(fit[0]).add(fit[1]).toDoubleArray();
    curve(chart, "line", x.toDoubleArray(), prices, 0);
    return picture("line", chart);
  }

  private static Picture activations() {
    XYChart chart = chart("Activations, and dashed their slopes", "z", "");
    chart.getStyler().setYAxisMax(2.0);
    chart.getStyler().setYAxisMin(-1.0);
    Tensor z = Tensor.arange(-5, 5.01, 0.1);
    activation(chart, "sigmoid", Tensor::sigmoid, z, 0);
    activation(chart, "tanh", Tensor::tanh, z, 1);
    activation(chart, "relu", Tensor::relu, Tensor.arange(-5, 2.01, 0.1), 2);
    return picture("activations", chart);
  }

  private static void activation(
      XYChart chart, String name, UnaryOperator<Tensor> activation, Tensor z, int colour) {
    double[] at = z.toDoubleArray();
    curve(chart, name, at, activation.apply(z).toDoubleArray(), colour);
    XYSeries slope =
        curve(chart, name + "'", at, Depth.slopes(activation, z).toDoubleArray(), colour);
    float[] dashes = {6, 5};
    slope.setLineStyle(
        new BasicStroke(1.8f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_ROUND, 1, dashes, 0));
  }

  private static Picture depth() {
    XYChart chart = chart("The length of the gradient at each layer", "layer", "length");
    chart.getStyler().setYAxisLogarithmic(true);
    chart.getStyler().setPlotGridLinesVisible(false);
    depth(chart, "sigmoid, scale 1", Tensor::sigmoid, 1, 0);
    depth(chart, "tanh, scale 1", Tensor::tanh, 1, 1);
    depth(chart, "relu, scale 1", Tensor::relu, 1, 2);
    depth(chart, "relu, scale 1.414", Tensor::relu, Math.sqrt(2), 3);
    depth(chart, "relu, scale 3", Tensor::relu, 3, 4);
    return picture("depth", chart);
  }

  private static void depth(
      XYChart chart, String name, UnaryOperator<Tensor> activation, double scale, int colour) {
    double[] norms = Depth.gradients(activation, scale).stream().mapToDouble(v -> v).toArray();
    double[] layers = Arrays.stream(upTo(norms.length)).map(v -> v + 1).toArray();
    curve(chart, name, layers, norms, colour);
  }

  private static Picture spirals() {
    Spirals.Samples samples = Spirals.spirals(100);
    Linear linear = new Linear(2, 3, Init.ZEROS, new Generator(2), DType.F32);
    Spirals.train(linear, samples, 300);
    Module mlp = Spirals.perceptron();
    Spirals.train(mlp, samples, 300);
    BufferedImage image = new BufferedImage(2 * SQUARE + 12, SQUARE, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, image.getWidth(), image.getHeight());
    String digest = regions(image, g, 0, linear, samples);
    digest += " " + regions(image, g, SQUARE + 12, mlp, samples);
    g.dispose();
    return new Picture("spirals", image, digest);
  }

  /** Draws the class of each point of the plane and the samples. */
  private static String regions(
      BufferedImage image, Graphics2D g, int left, Module model, Spirals.Samples samples) {
    Tensor side = Tensor.arange(SQUARE).cast(DType.F32).add(0.5).mul(2 * REACH / SQUARE).sub(REACH);
    Tensor across = side.broadcastTo(SQUARE, SQUARE).flatten();
    Tensor down = side.unsqueeze(1).broadcastTo(SQUARE, SQUARE).flatten();
    Tensor plane = Tensor.stack(1, across, down);
    int[] classes = model.forward(plane).argmax(1).toIntArray();
    for (int i = 0; i < classes.length; i++) {
      Color colour = COLOURS[classes[i]];
      int pale =
          new Color(fade(colour.getRed()), fade(colour.getGreen()), fade(colour.getBlue()))
              .getRGB();
      image.setRGB(left + i % SQUARE, i / SQUARE, pale);
    }
    double[] points = samples.points().toDoubleArray();
    int[] labels = samples.labels().toIntArray();
    for (int i = 0; i < labels.length; i++) {
      double x = left + (points[2 * i] + REACH) * SQUARE / (2 * REACH);
      double y = (points[2 * i + 1] + REACH) * SQUARE / (2 * REACH);
      g.setColor(COLOURS[labels[i]]);
      g.fill(new Ellipse2D.Double(x - 3, y - 3, 6, 6));
    }
    return digest(IntStream.of(classes).mapToObj(Integer::toString).collect(Collectors.joining()));
  }

  private static int fade(int channel) {
    return 255 - (255 - channel) * 3 / 10;
  }

  private static double[] upTo(int n) {
    return IntStream.range(0, n).asDoubleStream().toArray();
  }

  private static double[] doubles(float... values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static XYChart chart(String title, String x, String y) {
    XYChart chart =
        new XYChartBuilder()
            .width(680)
            .height(400)
            .title(title)
            .xAxisTitle(x)
            .yAxisTitle(y)
            .build();
    XYStyler styler = chart.getStyler();
    Font plain = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
    styler.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 15));
    styler.setAxisTitleFont(plain);
    styler.setAxisTickLabelsFont(plain);
    styler.setLegendFont(plain);
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setPlotBorderVisible(false);
    styler.setLegendPosition(Styler.LegendPosition.OutsideE);
    styler.setLegendBorderColor(Color.WHITE);
    return chart;
  }

  private static XYSeries curve(XYChart chart, String name, double[] x, double[] y, int colour) {
    XYSeries series = chart.addSeries(name, x, y);
    series.setLineColor(COLOURS[colour]);
    series.setLineStyle(new BasicStroke(2.2f));
    series.setMarker(SeriesMarkers.NONE);
    series.setMarkerColor(COLOURS[colour]);
    return series;
  }

  private static Picture picture(String name, XYChart chart) {
    String numbers =
        chart.getSeriesMap().values().stream()
            .map(series -> series.getName() + text(series.getXData()) + text(series.getYData()))
            .collect(Collectors.joining(";", chart.getTitle() + ":", ""));
    return new Picture(name, BitmapEncoder.getBufferedImage(chart), digest(numbers));
  }

  private static String text(double... values) {
    return DoubleStream.of(values)
        .mapToObj(v -> String.format(Locale.ROOT, "%.3g", v))
        .collect(Collectors.joining(","));
  }

  private static String digest(String numbers) {
    CRC32 crc = new CRC32();
    crc.update(numbers.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return String.format(Locale.ROOT, "%08x", crc.getValue());
  }
}
