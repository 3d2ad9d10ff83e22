package dev.quern.examples;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.random.Generator;

/** A multilayer perceptron that tells three spirals apart, beside a linear classifier. */
public final class Spirals {
  private Spirals() {}

  /** Points in the plane and the arm that each belongs to. */
  record Samples(Tensor points, Tensor labels) {}

  public static void main(String[] args) {
    // [start:linear]
    Samples samples = spirals(100);
    Linear linear = new Linear(2, 3, Init.ZEROS, new Generator(2), DType.F32);
    train(linear, samples, 300);
    System.out.printf("linear: %.0f %% right%n", 100 * accuracy(linear, samples));
    // [end:linear]
    // [start:mlp]
    Module mlp = perceptron();
    train(mlp, samples, 300);
    System.out.printf("MLP: %.0f %% right%n", 100 * accuracy(mlp, samples));
    // [end:mlp]
  }

  // [start:model]
  /** Returns an untrained network: 2 features, 64 hidden units, 3 classes. */
  static Module perceptron() {
    Generator random = new Generator(2);
    return new Sequential(
        new Linear(2, 64, Init.HE, random, DType.F32),
        Module.of(Tensor::relu),
        new Linear(64, 3, Init.HE, random, DType.F32));
  }

  // [end:model]

  // [start:train]
  /** Trains on all samples at once. */
  static void train(Module model, Samples samples, int steps) {
    Adam optimizer = new Adam(model.tensors(), 0.05);
    for (int step = 1; step <= steps; step++) {
      try (Scope scope = Scope.open()) {
        Tensor scores = model.forward(samples.points());
        Tensor loss = Losses.crossEntropy(scores, samples.labels());
        optimizer.zeroGrad();
        loss.add(Losses.l2(1e-4, model.weights())).backward();
        optimizer.step();
        if (step % 100 == 0) {
          System.out.printf("step %d: loss %.3f%n", step, loss.item());
        }
      }
    }
  }

  /** Returns the part of the samples that get the right class. */
  static double accuracy(Module model, Samples samples) {
    try (Scope scope = Scope.open()) {
      Tensor classes = model.forward(samples.points()).argmax(1);
      return classes.eq(samples.labels()).cast(DType.F32).mean().item();
    }
  }

  // [end:train]

  // [start:spirals]
  /** Returns three arms of as many points each. */
  static Samples spirals(int each) {
    Generator random = new Generator(1);
    Tensor labels = Tensor.arange(3L * each).div(each); // 0, 0 ... 1, 1 ... 2, 2
    Tensor radius = Tensor.arange(3L * each).cast(DType.F32).mod(each).div(each);
    Tensor noise = Tensor.randn(random, DType.F32, 3L * each).mul(0.15);
    Tensor angle = radius.mul(4.5).add(labels.cast(DType.F32).mul(2 * Math.PI / 3)).add(noise);
    Tensor points = Tensor.stack(1, radius.mul(angle.cos()), radius.mul(angle.sin()));
    return new Samples(points, labels);
  }
  // [end:spirals]
}
