package dev.quern.trainer;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.learn.LineCost;
import dev.quern.trainer.learn.LineCost.Point;
import dev.quern.trainer.plots.CostCurves;
import dev.quern.trainer.plots.CostCurves.Descent;
import dev.quern.trainer.plots.CostMap;
import dev.quern.trainer.plots.Quantity;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Draws the cost of a line and how gradient descent finds its minimum. */
@Command(
    name = "cost",
    description = {
      "Draw the cost J(w, b) = mean((w x + b - y)^2) / 2 of a line y = w x + b and the way down"
          + " to its minimum: j-of-w.png, j-of-b.png, surface.png and rates.png.",
      "Without --data: on a dozen made-up houses, their sizes and prices."
    })
final class CostCommand implements Callable<Integer> {
  private static final int CURVE_POINTS = 241;
  private static final int GRID_POINTS = 121;
  // Of the rate that would undo the steepest error in one step: slow enough to be watched.
  private static final double GOOD = 0.4;
  private static final int LEAST_SHOWN = 40;

  private final Console console;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      description = "A table in any of the formats that 'quern train' reads.")
  private @Nullable Path data;

  @Option(
      names = "--feature",
      paramLabel = "COLUMN",
      description = {
        "Column x: first, last, an index from 0, or a name from the first line. 'name (unit)' in"
            + " that line labels the pictures. By default the first of two columns."
      })
  private @Nullable String feature;

  @Option(
      names = "--target",
      paramLabel = "COLUMN",
      description = "Column y, named the same way. By default the second of two columns.")
  private @Nullable String target;

  @Option(names = "--skip-header", description = "The first line of a text file is no sample.")
  private boolean skipHeader;

  @Option(
      names = "--standardize",
      description = "Give the feature mean 0 and standard deviation 1: a round bowl.")
  private boolean standardize;

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where to write the pictures (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("quern-cost");

  @Option(
      names = "--w-range",
      split = ",",
      paramLabel = "FROM,TO",
      hideParamSyntax = true,
      description = "Slopes to draw; by default around the minimum and the descent.")
  private @Nullable List<Double> slopeRange;

  @Option(
      names = "--b-range",
      split = ",",
      paramLabel = "FROM,TO",
      hideParamSyntax = true,
      description = "Intercepts to draw; by default around the minimum and the descent.")
  private @Nullable List<Double> interceptRange;

  @Option(
      names = "--start",
      split = ",",
      paramLabel = "W,B",
      hideParamSyntax = true,
      description = "Where the descents start (default 0,0).")
  private @Nullable List<Double> start;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = {
        "Learning rate of the descent on the surface; by default 0.4 / the greatest curvature of J."
      })
  private @Nullable Double learningRate;

  @Option(
      names = "--rates",
      split = ",",
      paramLabel = "RATE",
      description = {
        "Learning rates to compare; by default a slow one, a good one and one that diverges: 0.05,"
            + " 0.4 and 2.04 / the greatest curvature of J."
      })
  private @Nullable List<Double> rates;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Steps of each descent (default: ${DEFAULT-VALUE}).")
  private int steps = 1000;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description = "Type to compute in: f64 (default) or f32.")
  private DType dtype = DType.F64;

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  @Option(
      names = "--json",
      description = {
        "Print one JSON object: device, rows, feature, target, w, b and cost at the minimum, path"
            + " (rate, steps, first, last), rates (rate, outcome, last) and files; null for what is"
            + " no finite number."
      })
  private boolean json;

  CostCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    checkOptions();
    Device device = deviceOption.select();
    LineSamples samples = samples();
    Scope scope = Scope.open();
    try (scope) {
      LineCost cost = new LineCost(samples.x(), samples.y(), dtype);
      Point best = cost.minimum();
      double[] curvatures = cost.curvatures();
      if (!best.isFinite() || !Double.isFinite(curvatures[0])) {
        throw new DataException("the samples are too large for " + EnumNames.of(dtype));
      }
      double rate = learningRate != null ? learningRate : rounded(GOOD, curvatures[0]);
      double[] compared = comparedRates(curvatures[0]);
      Point from = new Point(at(start, 0), at(start, 1), Double.NaN);
      if (!Double.isFinite(2 * cost.at(from.w(), from.b()))) {
        throw new DataException("--start " + start + ": the cost there is beyond a double's range");
      }
      List<List<Point>> descents = cost.descend(from, with(rate, compared), steps);
      List<Point> path = descents.get(0);
      List<Outcome> outcomes = new ArrayList<>();
      for (int i = 0; i < compared.length; i++) {
        outcomes.add(Outcome.of(compared[i], descents.get(i + 1), best, curvatures));
      }
      draw(samples, cost, best, rate, path, outcomes);
      report(device, samples, best, rate, path, outcomes);
    }
    return 0;
  }

  /** How a descent went. */
  private record Outcome(double rate, String verdict, List<Point> points, int settled) {
    static Outcome of(double rate, List<Point> points, Point best, double[] curvatures) {
      double excess = points.get(0).cost() - best.cost();
      int settled = 0;
      while (settled < points.size()
          && !(points.get(settled).cost() - best.cost() <= 1e-2 * excess)) {
        settled++;
      }
      double ideal = 2 / (curvatures[0] + curvatures[1]);
      String verdict;
      if (rate * curvatures[0] > 2) {
        verdict = "diverges";
      } else if (settled == points.size() || rate < ideal / 10) {
        verdict = "converges slowly";
      } else {
        verdict = "converges";
      }
      return new Outcome(rate, verdict, points, settled);
    }
  }

  private LineSamples samples() {
    Path file = data;
    LineSamples samples =
        file == null
            ? LineSamples.example()
            : LineSamples.read(
                file,
                feature == null ? null : new Column("--feature", feature),
                target == null ? null : new Column("--target", target),
                skipHeader);
    String source = file == null ? "the example" : file.toString();
    double first = samples.x()[0];
    boolean constant = true;
    for (double x : samples.x()) {
      constant &= x == first;
    }
    if (constant) {
      throw new DataException(
          source + ": every " + samples.feature() + " is " + first + ": no single line fits best");
    }
    return standardize ? samples.standardized() : samples;
  }

  private void checkOptions() {
    if (data == null && (feature != null || target != null || skipHeader)) {
      throw new DataException("--feature, --target and --skip-header need --data FILE");
    }
    requireRange("--w-range", slopeRange);
    requireRange("--b-range", interceptRange);
    if (start != null
        && (start.size() != 2 || !start.stream().allMatch(value -> Double.isFinite(value)))) {
      throw new DataException("--start needs two finite numbers, W,B: " + start);
    }
    if (learningRate != null) {
      requireRate("--lr", learningRate);
    }
    if (rates != null) {
      rates.forEach(rate -> requireRate("--rates", rate));
    }
    if (steps < 1 || steps > 1_000_000) {
      throw new DataException("--steps must be 1 to 1,000,000: " + steps);
    }
    if (!dtype.isFloat() || dtype.isHalf()) {
      throw new DataException("--dtype must be f32 or f64");
    }
    new OutputFolder("--out", out).check();
  }

  private static void requireRange(String option, @Nullable List<Double> range) {
    if (range != null
        && !(range.size() == 2
            && range.get(0) < range.get(1)
            && Double.isFinite(range.get(1) - range.get(0)))) {
      throw new DataException(option + " needs two finite numbers, FROM < TO: " + range);
    }
  }

  private static void requireRate(String option, double rate) {
    if (!(rate > 0 && rate < Double.POSITIVE_INFINITY)) {
      throw new DataException(option + ": a rate must be positive and finite: " + rate);
    }
  }

  private static double at(@Nullable List<Double> values, int index) {
    return values == null ? 0 : values.get(index);
  }

  private double[] comparedRates(double curvature) {
    if (rates != null) {
      return rates.stream().mapToDouble(Double::doubleValue).toArray();
    }
    return new double[] {
      rounded(0.05, curvature), rounded(GOOD, curvature), rounded(2.04, curvature)
    };
  }

  private static double rounded(double factor, double curvature) {
    return new BigDecimal(factor / curvature)
        .round(new MathContext(3, RoundingMode.HALF_EVEN))
        .doubleValue();
  }

  private static double[] with(double first, double[] others) {
    double[] all = new double[others.length + 1];
    all[0] = first;
    System.arraycopy(others, 0, all, 1, others.length);
    return all;
  }

  private void draw(
      LineSamples samples,
      LineCost cost,
      Point best,
      double rate,
      List<Point> path,
      List<Outcome> outcomes) {
    Quantity x = samples.feature();
    Quantity y = samples.target();
    String slopeAxis = "slope w, " + y.counted() + " per " + x.counted();
    String interceptAxis = "intercept b, " + y.counted();
    String costUnit = "(" + y.counted() + ")\u00b2";
    String model = y.name() + " = w \u00b7 " + x.name() + " + b";
    double[] w = range(slopeRange, best.w(), path, Point::w, GRID_POINTS);
    double[] b = range(interceptRange, best.b(), path, Point::b, GRID_POINTS);

    double[] slopes = range(slopeRange, best.w(), path, Point::w, CURVE_POINTS);
    double[] intercepts = range(interceptRange, best.b(), path, Point::b, CURVE_POINTS);
    double[] ofSlope = new double[slopes.length];
    double[][] column = finite("--w-range", cost.grid(slopes, new double[] {best.b()}));
    for (int i = 0; i < slopes.length; i++) {
      ofSlope[i] = column[i][0];
    }
    double[] ofIntercept = finite("--b-range", cost.grid(new double[] {best.w()}, intercepts))[0];
    CostMap.Grid grid = new CostMap.Grid(w, b, finite("--w-range and --b-range", cost.grid(w, b)));

    new OutputFolder("--out", out).create();
    String bestIntercept = CostCurves.number(best.b());
    CostCurves.writeSection(
        "Cost of " + model + " against w, at the best b",
        slopeAxis,
        "cost J, " + costUnit,
        "J(w, b = " + bestIntercept + ")",
        slopes,
        ofSlope,
        new double[] {best.w(), best.cost()},
        "w",
        out.resolve("j-of-w.png"));

    CostCurves.writeSection(
        "Cost of " + model + " against b, at the best w",
        interceptAxis,
        "cost J, " + costUnit,
        "J(w = " + CostCurves.number(best.w()) + ", b)",
        intercepts,
        ofIntercept,
        new double[] {best.b(), best.cost()},
        "b",
        out.resolve("j-of-b.png"));

    CostMap.write(
        "Cost J(w, b) of " + model + " and gradient descent on it",
        slopeAxis,
        interceptAxis,
        costUnit,
        grid,
        path,
        "gradient descent, rate "
            + CostCurves.number(rate)
            + ", "
            + steps
            + (steps == 1 ? " step" : " steps"),
        best,
        out.resolve("surface.png"));

    List<Descent> curves = new ArrayList<>();
    int shown = Math.min(steps, LEAST_SHOWN);
    for (Outcome outcome : outcomes) {
      boolean diverges = outcome.verdict().equals("diverges");
      if (outcome.verdict().equals("converges")) {
        shown = Math.max(shown, Math.min(steps, 3 * outcome.settled()));
      }
      String label = "rate " + CostCurves.number(outcome.rate()) + ": " + outcome.verdict();
      curves.add(
          new Descent(outcome.rate(), diverges ? label + " (cut)" : label, outcome.points()));
    }
    CostCurves.writeRates(
        "Gradient descent on " + model + " at several learning rates",
        "cost J, " + costUnit,
        curves,
        shown,
        out.resolve("rates.png"));
  }

  private static double[][] finite(String option, double[][] costs) {
    for (double[] row : costs) {
      for (double cost : row) {
        if (!Double.isFinite(cost)) {
          throw new DataException(option + ": costs there are beyond a double's range");
        }
      }
    }
    return costs;
  }

  /** Returns even steps over the range given, or over one that shows minimum and descent. */
  private static double[] range(
      @Nullable List<Double> given,
      double best,
      List<Point> path,
      ToDoubleFunction<Point> coordinate,
      int points) {
    double from;
    double to;
    if (given != null) {
      from = given.get(0);
      to = given.get(1);
    } else {
      double start = Math.abs(coordinate.applyAsDouble(path.get(0)) - best);
      double reach = start;
      for (Point point : path) {
        double distance = Math.abs(coordinate.applyAsDouble(point) - best);
        // A descent that flies away must not take the picture with it.
        if (distance <= 4 * start) {
          reach = Math.max(reach, distance);
        }
      }
      double half = 1.25 * Math.max(reach, 1e-3 * Math.abs(best));
      if (half == 0) {
        half = 1;
      }
      from = best - half;
      to = best + half;
    }
    double[] all = new double[points];
    for (int i = 0; i < points; i++) {
      all[i] = from + (to - from) * i / (points - 1);
    }
    return all;
  }

  private void report(
      Device device,
      LineSamples samples,
      Point best,
      double rate,
      List<Point> path,
      List<Outcome> outcomes) {
    Point last = path.get(path.size() - 1);
    List<String> files = List.of("j-of-w.png", "j-of-b.png", "surface.png", "rates.png");
    if (!json) {
      console.say("device         %s", device.id());
      console.say("samples        %,d", samples.x().length);
      console.say("least squares  %s", shown(best));
      console.say(
          "descent        rate %s, %,d step%s",
          CostCurves.number(rate), steps, steps == 1 ? "" : "s");
      console.say("  first        %s", shown(path.get(0)));
      console.say("  last         %s", shown(last));
      for (Outcome outcome : outcomes) {
        console.say("rate           %s %s", CostCurves.number(outcome.rate()), outcome.verdict());
      }
      files.forEach(file -> console.say("picture        %s", out.resolve(file)));
      return;
    }
    JsonObject result = new JsonObject();
    result.addProperty("device", device.id());
    result.addProperty("rows", samples.x().length);
    result.addProperty("feature", samples.feature().toString());
    result.addProperty("target", samples.target().toString());
    result.addProperty("w", best.w());
    result.addProperty("b", best.b());
    result.addProperty("cost", best.cost());
    JsonObject descent = new JsonObject();
    descent.addProperty("rate", rate);
    descent.addProperty("steps", steps);
    descent.add("first", describe(path.get(0)));
    descent.add("last", describe(last));
    result.add("path", descent);
    JsonArray compared = new JsonArray();
    for (Outcome outcome : outcomes) {
      JsonObject entry = new JsonObject();
      entry.addProperty("rate", outcome.rate());
      entry.addProperty("outcome", outcome.verdict());
      entry.add("last", describe(outcome.points().get(outcome.points().size() - 1)));
      compared.add(entry);
    }
    result.add("rates", compared);
    JsonArray written = new JsonArray();
    files.forEach(file -> written.add(out.resolve(file).toString()));
    result.add("files", written);
    console.json(result);
  }

  private static String shown(Point point) {
    return "w = "
        + CostCurves.number(point.w())
        + ", b = "
        + CostCurves.number(point.b())
        + ", J = "
        + CostCurves.number(point.cost());
  }

  private static JsonObject describe(Point point) {
    JsonObject entry = new JsonObject();
    entry.addProperty("w", finite(point.w()));
    entry.addProperty("b", finite(point.b()));
    entry.addProperty("cost", finite(point.cost()));
    return entry;
  }

  // JSON has no NaN.
  private static @Nullable Double finite(double value) {
    return Double.isFinite(value) ? value : null;
  }
}
