package dev.quern.trainer;

import dev.quern.nn.Linear;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.FeaturePlane;
import dev.quern.trainer.data.ImageSize;
import dev.quern.trainer.data.RowSource;
import dev.quern.trainer.data.Scaling;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.ModelKind;
import dev.quern.trainer.learn.PlaneScores;
import dev.quern.trainer.plots.DecisionMap;
import dev.quern.trainer.plots.WeightSheet;
import dev.quern.trainer.plots.WeightSheet.Tile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** The options about pictures of what a model has learned, and the drawing of them. */
final class PictureOptions {
  static final String BOUNDARY = "boundary.png";
  static final String WEIGHTS = "weights.png";

  private static final int MOST_TILES = 100;

  @Option(
      names = "--plane",
      paramLabel = "X,Y",
      hideParamSyntax = true,
      split = ",",
      description = {
        "The two columns of --data to draw boundary.png over, each first, last, an index from 0, or"
            + " a name from the first line, where 'name (unit)' labels the axes; other features are"
            + " held at their mean over the rows drawn. By default both of two features."
      })
  private @Nullable List<String> plane;

  @Option(
      names = "--image",
      paramLabel = "WIDTHxHEIGHT",
      converter = Size.class,
      description = {
        "The rows are images of so many pixels, for weights.png. By default what a file of images"
            + " says, or else a square from 8x8 on."
      })
  private @Nullable ImageSize image;

  private @Nullable Path folder;

  /** Reads a size such as 28x28. */
  static final class Size implements ITypeConverter<ImageSize> {
    @Override
    public ImageSize convert(String value) {
      String[] sides = value.toLowerCase(Locale.ROOT).split("x", -1);
      try {
        int width = Integer.parseInt(sides[0]);
        int height = Integer.parseInt(sides[sides.length - 1]);
        if (sides.length == 2 && width > 0 && height > 0) {
          return new ImageSize(width, height);
        }
      } catch (NumberFormatException e) {
        // Falls through to the message for every unusable value.
      }
      throw new TypeConversionException("'" + value + "' is no size such as 28x28");
    }
  }

  /**
   * Checks that the options do not contradict each other.
   *
   * @param into the folder for the pictures, if there is one
   * @throws DataException if they do
   */
  void check(@Nullable Path into, ModelKind kind) {
    folder = into;
    if (into == null && (plane != null || image != null)) {
      throw new DataException((plane != null ? "--plane" : "--image") + " needs --plot FOLDER");
    }
    if (plane != null && kind.task() == Task.REGRESSION) {
      throw new DataException("--plane goes with classifiers, not with " + kind);
    }
    if (plane != null && plane.size() != 2) {
      throw new DataException("--plane needs two columns, X,Y: " + String.join(",", plane));
    }
    if (into != null) {
      new OutputFolder("--plot", into).check();
    }
  }

  /** Returns whether a column is named, so that the first line holds names. */
  boolean namesColumns() {
    return plane != null && plane.stream().anyMatch(name -> new Column("--plane", name).isName());
  }

  /**
   * Looks at what the pictures need of the data, before they are scaled.
   *
   * @param labels the class of every row; empty if they are not known
   * @param rows the rows to show
   * @throws DataException if the options do not fit the data
   */
  Views views(Views.Layout layout, RowSource features, double[] labels, int classes, int[] rows) {
    if (folder == null) {
      return Views.NONE;
    }
    int n = layout.features();
    ImageSize size = image;
    if (size != null && (long) size.width() * size.height() != n) {
      throw layout.error().apply("--image " + size + ": a row has " + n + " features");
    }
    if (size == null) {
      size = layout.image() != null ? layout.image() : ImageSize.square(n).orElse(null);
    }
    List<String> columns = plane;
    if (classes == 0 || (columns == null && n != 2)) {
      return new Views(null, size);
    }
    int x = columns == null ? 0 : feature(columns.get(0), layout);
    int y = columns == null ? 1 : feature(columns.get(1), layout);
    if (x == y) {
      throw layout.error().apply("--plane: both are the same column");
    }
    return new Views(
        FeaturePlane.of(features, labels, classes, rows, x, y, layout.name(x), layout.name(y)),
        size);
  }

  private static int feature(String name, Views.Layout layout) {
    int column = new Column("--plane", name).in(layout.columns(), layout.names(), layout.error());
    if (column == layout.label()) {
      throw layout.error().apply("--plane " + name + ": is the label");
    }
    return layout.feature(column);
  }

  /**
   * Draws what there is to draw.
   *
   * @param rows what the rows are called, such as training rows
   * @return the files
   */
  List<Path> draw(ModelKind kind, Model model, List<Scaling> scaling, Views views, String rows) {
    List<Path> files = new ArrayList<>();
    Path into = folder;
    if (into == null || (views.plane() == null && views.image() == null)) {
      return files;
    }
    new OutputFolder("--plot", into).create();
    if (views.plane() != null) {
      Path file = into.resolve(BOUNDARY);
      boundary(kind, model, scaling, views.plane(), rows, file);
      files.add(file);
    }
    if (views.image() != null && model.network().modules().get(0) instanceof Linear layer) {
      Path file = into.resolve(WEIGHTS);
      weights(kind, layer, views.image(), file);
      files.add(file);
    }
    return files;
  }

  private static void boundary(
      ModelKind kind,
      Model model,
      List<Scaling> scaling,
      FeaturePlane plane,
      String rows,
      Path file) {
    double[] from = new double[2];
    double[] to = new double[2];
    for (int k = 0; k < 2; k++) {
      double least = plane.least()[k];
      double greatest = plane.greatest()[k];
      double margin = 0.06 * (greatest - least);
      if (!(margin > 1e-12 * Math.abs(least))) {
        margin = least == 0 ? 1 : 0.1 * Math.abs(least);
      }
      from[k] = least - margin;
      to[k] = greatest + margin;
    }
    PlaneScores scores =
        PlaneScores.of(model, scaling, plane.mean(), plane.x(), plane.y(), from, to);
    int shown = plane.shown().rows();
    String points =
        shown < plane.rows()
            ? String.format(Locale.ROOT, "%,d of %,d %s", shown, plane.rows(), rows)
            : String.format(
                Locale.ROOT, "%,d %s", shown, shown == 1 ? rows.replaceFirst("rows", "row") : rows);
    int others = plane.mean().length - 2;
    String still =
        others == 0
            ? ""
            : others == 1
                ? "; the other feature is held at its mean"
                : "; the other " + others + " features are held at their means";
    String what = scores.classes() == 2 ? "Probability of class 1" : "Classes predicted";
    DecisionMap.write(what + " by " + article(kind), points + still, scores, plane, file);
  }

  private static String article(ModelKind kind) {
    return switch (kind) {
      case LINEAR -> "a linear regression";
      case LOGISTIC -> "a logistic regression";
      case SOFTMAX -> "a softmax regression";
      case MLP -> "a multilayer perceptron";
    };
  }

  private static void weights(ModelKind kind, Linear layer, ImageSize size, Path file) {
    int in = (int) layer.weight().dim(0);
    int out = (int) layer.weight().dim(1);
    double[] all = layer.weight().toDoubleArray();
    double[] largest = new double[out];
    for (int i = 0; i < all.length; i++) {
      largest[i % out] = Math.max(largest[i % out], Math.abs(all[i]));
    }
    boolean mlp = kind == ModelKind.MLP;
    List<Tile> tiles =
        IntStream.range(0, out)
            .boxed()
            .sorted(Comparator.comparingDouble(k -> -largest[k]))
            .limit(MOST_TILES)
            .sorted()
            .map(
                k -> {
                  double[] weights = new double[in];
                  for (int j = 0; j < in; j++) {
                    weights[j] = all[j * out + k];
                  }
                  return new Tile(tile(kind, k), weights);
                })
            .toList();
    String which = mlp ? "First-layer weights" : out == 1 ? "Weights" : "Weights of each class";
    String title = which + " of " + article(kind);
    String count =
        tiles.size() < out
            ? "the "
                + tiles.size()
                + " of "
                + out
                + (mlp ? " units" : " classes")
                + " with the largest weights; "
            : "";
    String note =
        count + size.width() + " x " + size.height() + " pixels, red for and blue against";
    WeightSheet.write(title, note, size, tiles, file);
  }

  private static String tile(ModelKind kind, int k) {
    return switch (kind) {
      case LINEAR -> "target";
      case LOGISTIC -> "class 1 against 0";
      case SOFTMAX -> "class " + k;
      case MLP -> "unit " + k;
    };
  }
}
