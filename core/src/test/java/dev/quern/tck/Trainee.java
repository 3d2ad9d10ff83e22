package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Tensor;
import dev.quern.nn.Module;
import dev.quern.optim.Optimizer;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** A small model, its optimizer and one batch of input: what a recorded step is about. */
final class Trainee {
  /** What a step does with the model's output. */
  interface Loss {
    Tensor of(Tensor output, Tensor target);
  }

  final Module model;
  final Optimizer optimizer;
  final Tensor x;
  final Tensor y;
  private final Loss loss;
  private final Runnable clipping;
  private final int classes;

  /**
   * Creates a trainee.
   *
   * @param classes how many labels there are, or 0 if the target has the output's values
   * @param clipping what happens to gradients before the step
   */
  Trainee(
      Module model,
      Optimizer optimizer,
      Tensor x,
      Tensor y,
      int classes,
      Loss loss,
      Runnable clipping) {
    this.model = model;
    this.optimizer = optimizer;
    this.x = x;
    this.y = y;
    this.classes = classes;
    this.loss = loss;
    this.clipping = clipping;
  }

  /** Fills input and target with the numbers of a batch. */
  void load(int batch) {
    SplittableRandom random = new SplittableRandom(batch);
    fill(x, random);
    if (classes == 0) {
      fill(y, random);
    } else {
      y.assign(random.longs(y.size(), 0, classes).toArray());
    }
  }

  private static void fill(Tensor tensor, SplittableRandom random) {
    double[] values = random.doubles(tensor.size(), -1, 1).toArray();
    if (tensor.dtype() == DType.F64) {
      tensor.assign(values);
    } else {
      float[] floats = new float[values.length];
      for (int i = 0; i < floats.length; i++) {
        floats[i] = (float) values[i];
      }
      tensor.assign(floats);
    }
  }

  /** Makes one step and returns the loss before it. */
  Tensor step() {
    optimizer.zeroGrad();
    Tensor cost = loss.of(model.forward(x), y);
    cost.backward();
    clipping.run();
    optimizer.step();
    return cost;
  }

  Recording record() {
    return Device.current().record(this::step);
  }

  /** Returns all that a step changes, as text that shows each bit. */
  List<String> state() {
    List<String> out = new ArrayList<>();
    for (Tensor p : model.tensors()) {
      out.add(bits(p));
      out.add(p.grad().map(Trainee::bits).orElse("none"));
    }
    optimizer.state().forEach(t -> out.add(bits(t)));
    out.add("steps " + optimizer.steps());
    return out;
  }

  static String bits(Tensor tensor) {
    StringBuilder text = new StringBuilder(tensor.dtype() + " " + tensor.shape());
    for (double value : tensor.cast(DType.F64).toDoubleArray()) {
      text.append(' ').append(Double.toHexString(value));
    }
    return text.toString();
  }
}
