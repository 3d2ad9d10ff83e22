package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.random.Generator;
import dev.quern.trainer.data.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * A network and what it is trained for.
 *
 * @param network features [m, n] to scores: [m, 1] for a regression and two classes, [m, classes]
 *     otherwise
 * @param task decides the loss
 */
public record Model(Sequential network, Task task) {
  /** Returns a linear regression, from zero weights. */
  public static Model linear(int features, DType dtype) {
    return affine(features, 1, Task.REGRESSION, dtype);
  }

  /** Returns a logistic regression for two classes, from zero weights. */
  public static Model logistic(int features, DType dtype) {
    return affine(features, 1, Task.BINARY, dtype);
  }

  /** Returns a softmax regression, from zero weights. */
  public static Model softmax(int features, int classes, DType dtype) {
    return affine(features, classes, Task.CLASSES, dtype);
  }

  private static Model affine(int features, int outputs, Task task, DType dtype) {
    Linear layer = new Linear(features, outputs, Init.ZEROS, new Generator(0), dtype);
    return new Model(new Sequential(layer), task);
  }

  /**
   * Returns a multilayer perceptron that scores classes.
   *
   * @param hidden the width of each hidden layer
   * @param seed decides the initial weights
   */
  public static Model mlp(
      int features,
      List<Integer> hidden,
      int classes,
      Activation activation,
      long seed,
      DType dtype) {
    Generator generator = new Generator(seed);
    List<Module> modules = new ArrayList<>();
    int in = features;
    for (int width : hidden) {
      modules.add(new Linear(in, width, activation.init(), generator, dtype));
      modules.add(activation.module());
      in = width;
    }
    modules.add(new Linear(in, classes, activation.init(), generator, dtype));
    return new Model(new Sequential(modules), Task.CLASSES);
  }

  /** Returns the mean loss of a batch, without a penalty. */
  public Tensor loss(Batch batch) {
    Tensor scores = network.forward(batch.features());
    return switch (task) {
      case REGRESSION -> Losses.squaredError(scores.squeeze(1), batch.targets());
      case BINARY -> Losses.binaryCrossEntropyWithLogits(scores.squeeze(1), batch.targets());
      case CLASSES -> Losses.crossEntropy(scores, batch.targets());
    };
  }

  /**
   * Returns what training minimises: the mean loss plus {@code k / 2 * sum w^2} over all weights,
   * never biases.
   */
  public Tensor objective(Batch batch, double k) {
    Tensor loss = loss(batch);
    return k == 0 ? loss : loss.add(penalty(k));
  }

  /** Returns the penalty alone. */
  Tensor penalty(double k) {
    return Losses.l2(k / 2, network.weights());
  }

  /** Returns the predicted number or class of each row, as doubles and long integers. */
  public Tensor predict(Tensor features) {
    Tensor scores = network.forward(features);
    return switch (task) {
      case REGRESSION -> scores.squeeze(1);
      case BINARY -> scores.squeeze(1).gt(0).cast(DType.I64);
      case CLASSES -> scores.argmax(1);
    };
  }
}
