package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that makes a model but its parameters.
 *
 * @param kind what it is
 * @param features numbers in a row of input
 * @param classes classes to tell apart; 2 for logistic regression, 0 for a regression
 * @param hidden the widths of an mlp's hidden layers
 * @param activation what follows them
 * @param dtype the type to compute in
 */
public record ModelSpec(
    ModelKind kind,
    int features,
    int classes,
    List<Integer> hidden,
    Activation activation,
    DType dtype) {
  /** Makes a description that no longer changes. */
  public ModelSpec {
    hidden = List.copyOf(hidden);
  }

  /**
   * Returns a new model with initial weights.
   *
   * @param seed decides the weights of an mlp
   */
  public Model create(long seed) {
    return switch (kind) {
      case LINEAR -> Model.linear(features, dtype);
      case LOGISTIC -> Model.logistic(features, dtype);
      case SOFTMAX -> Model.softmax(features, classes, dtype);
      case MLP -> Model.mlp(features, hidden, classes, activation, seed, dtype);
    };
  }

  /** Returns the shapes of the parameters by name, without making them. */
  Map<String, Shape> shapes() {
    Map<String, Shape> out = new LinkedHashMap<>();
    int in = features;
    int module = 0;
    if (kind == ModelKind.MLP) {
      for (int width : hidden) {
        addLayer(out, module, in, width);
        in = width;
        // An activation lies between two layers.
        module += 2;
      }
    }
    boolean oneScore = kind == ModelKind.LINEAR || kind == ModelKind.LOGISTIC;
    addLayer(out, module, in, oneScore ? 1 : classes);
    return out;
  }

  private static void addLayer(Map<String, Shape> shapes, int module, int in, int width) {
    shapes.put(module + ".weight", Shape.of(in, width));
    shapes.put(module + ".bias", Shape.of(width));
  }
}
