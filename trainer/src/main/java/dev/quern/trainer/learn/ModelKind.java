package dev.quern.trainer.learn;

import dev.quern.trainer.data.Task;
import java.util.Locale;

/** The models to choose from. */
public enum ModelKind {
  /** Linear regression. */
  LINEAR(Task.REGRESSION),
  /** Logistic regression for two classes. */
  LOGISTIC(Task.BINARY),
  /** Softmax regression. */
  SOFTMAX(Task.CLASSES),
  /** A multilayer perceptron that scores classes. */
  MLP(Task.CLASSES);

  private final Task task;

  ModelKind(Task task) {
    this.task = task;
  }

  /** Returns what the model predicts. */
  public Task task() {
    return task;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
