package dev.quern.bench.gpu;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Precision;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One step of gradient descent on a multilayer perceptron: forward, loss, backward, update. */
final class TrainingStep implements Workload {
  private static final double RATE = 0.01;
  // How far the loss is moved to see its slope, and how far the slope may be off for that.
  private static final double CHANGE = 0.02;
  private static final double SLOPE_ERROR = 0.05;

  private final Task task;
  private final Precision precision;
  private final Tensor x;
  private final Tensor labels;
  private final List<Linear> layers = new ArrayList<>();
  private final Sequential model;
  private final Sgd optimizer;
  private final boolean recorded;
  private @Nullable Recording recording;

  /**
   * Makes the model and its data.
   *
   * @param recorded whether steps are replays of the first one
   */
  TrainingStep(Task task, boolean recorded) {
    this.task = task;
    this.recorded = recorded;
    precision = Product.precision(task);
    Generator generator = new Generator(task.hashCode());
    int last = task.sizes().size() - 1;
    x = Tensor.rand(generator, DType.F32, task.size(0), task.size(1)).realize();
    labels = Tensor.randint(generator, 0, task.size(last), task.size(0)).realize();
    List<Module> modules = new ArrayList<>();
    for (int i = 1; i < last; i++) {
      Linear layer = new Linear(task.size(i), task.size(i + 1), Init.HE, generator, DType.F32);
      layers.add(layer);
      modules.add(layer);
      if (i + 1 < last) {
        modules.add(Module.of(Tensor::relu));
      }
    }
    model = new Sequential(modules);
    optimizer = new Sgd(model.tensors(), RATE);
  }

  private Tensor loss() {
    return Losses.crossEntropy(model.forward(x), labels);
  }

  @Override
  public void run() {
    if (recording != null) {
      recording.replay();
    } else if (recorded) {
      recording = Device.current().record(this::step);
    } else {
      step();
    }
  }

  private void step() {
    Precision.with(
        precision,
        () -> {
          optimizer.zeroGrad();
          loss().backward();
          optimizer.step();
        });
  }

  @Override
  public double check() {
    try (Scope scope = Scope.open()) {
      double worst = Math.max(checkForward(), checkBackward());
      checkUpdate();
      if (recorded) {
        // The first step was the one that was recorded.
        checkUpdate();
      }
      return worst;
    } finally {
      optimizer.zeroGrad();
    }
  }

  // A few rows of scores by plain loops, with the bound that follows from each product's.
  private double checkForward() {
    Tensor scores = Precision.with(precision, () -> model.forward(x).realize());
    List<float[]> weights = layers.stream().map(layer -> layer.weight().toFloatArray()).toList();
    double worst = 0;
    for (long row : Windows.starts(task.size(0), 1, task.hashCode())) {
      Row values = Row.exact(x.slice(0, row, row + 1).toFloatArray());
      for (int i = 0; i < layers.size(); i++) {
        float[] bias = layers.get(i).bias().toFloatArray();
        values = values.times(weights.get(i), bias, Product.rounding(precision));
        if (i + 1 < layers.size()) {
          values = values.relu();
        }
      }
      float[] actual = scores.slice(0, row, row + 1).toFloatArray();
      for (int j = 0; j < actual.length; j++) {
        String what = task.id() + " score " + row + ", " + j;
        worst =
            Math.max(
                worst,
                WrongResultException.within(what, values.values[j], actual[j], values.bounds[j]));
      }
    }
    return worst;
  }

  // Along its gradient g the loss changes by |g|^2 times the step, to the second order.
  private double checkBackward() {
    optimizer.zeroGrad();
    Tensor loss = Precision.with(precision, this::loss);
    double start = loss.item();
    Precision.with(precision, () -> loss.backward());
    List<Tensor> before = copies();
    List<Tensor> gradients = model.tensors().stream().map(p -> p.grad().orElseThrow()).toList();
    double norm = 0;
    for (Tensor gradient : gradients) {
      norm += gradient.cast(DType.F64).square().sum().item();
    }
    double step = CHANGE * start / norm;
    move(before, gradients, step);
    double above = Precision.with(precision, () -> loss().item());
    move(before, gradients, -step);
    double below = Precision.with(precision, () -> loss().item());
    move(before, gradients, 0);
    double slope = (above - below) / (2 * step);
    return WrongResultException.within(
        task.id() + " slope along the gradient", norm, slope, SLOPE_ERROR * norm);
  }

  private void checkUpdate() {
    List<Tensor> before = copies();
    run();
    for (int i = 0; i < before.size(); i++) {
      Tensor gradient = model.tensors().get(i).grad().orElseThrow();
      float[] expected = before.get(i).sub(gradient.mul(RATE)).toFloatArray();
      if (!Arrays.equals(expected, model.tensors().get(i).toFloatArray())) {
        throw new WrongResultException(task.id() + ": parameter " + i + " is not p - rate * g");
      }
    }
  }

  private List<Tensor> copies() {
    return model.tensors().stream().map(p -> p.detach().add(0).realize()).toList();
  }

  private void move(List<Tensor> from, List<Tensor> along, double step) {
    Tensor.noGrad(
        () -> {
          for (int i = 0; i < from.size(); i++) {
            model.tensors().get(i).assign(from.get(i).add(along.get(i).mul(step)));
          }
        });
  }

  @Override
  public void close() {
    if (recording != null) {
      recording.close();
    }
    optimizer.zeroGrad();
    model.tensors().forEach(Tensor::close);
    x.close();
    labels.close();
  }

  /** A row of a layer's results in double, and how far each may be off. */
  private record Row(double[] values, double[] bounds) {
    static Row exact(float[] row) {
      double[] values = new double[row.length];
      for (int i = 0; i < row.length; i++) {
        values[i] = row[i];
      }
      return new Row(values, new double[row.length]);
    }

    Row times(float[] weight, float[] bias, double rounding) {
      int width = bias.length;
      double relative = rounding * (2 + rounding) + (2 + values.length) * 0x1p-24;
      double[] out = new double[width];
      double[] outBounds = new double[width];
      for (int p = 0; p < values.length; p++) {
        double bound = relative * (Math.abs(values[p]) + bounds[p]) + bounds[p];
        for (int j = 0; j < width; j++) {
          double w = weight[p * width + j];
          out[j] += values[p] * w;
          outBounds[j] += bound * Math.abs(w);
        }
      }
      for (int j = 0; j < width; j++) {
        out[j] += bias[j];
        outBounds[j] += 0x1p-23 * Math.abs(out[j]);
      }
      return new Row(out, outBounds);
    }

    Row relu() {
      double[] out = values.clone();
      for (int i = 0; i < out.length; i++) {
        out[i] = Math.max(0, out[i]);
      }
      return new Row(out, bounds);
    }
  }
}
