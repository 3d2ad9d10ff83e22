package dev.quern.examples;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.optim.Adam;
import dev.quern.random.Generator;

/** A training step that is recorded once and replayed. */
public final class Recorded {
  private Recorded() {}

  public static void main(String[] args) {
    Generator.seedGlobal(1);
    // [start:step]
    Linear model = new Linear(2, 3);
    Adam optimizer = new Adam(model.tensors(), 0.1);
    Tensor x = Tensor.zeros(4, 2);
    Tensor labels = Tensor.zeros(DType.I64, 4);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  optimizer.zeroGrad();
                  Tensor loss = Losses.crossEntropy(model.forward(x), labels);
                  loss.backward();
                  optimizer.step();
                  return loss;
                })) {
      for (int i = 0; i < 300; i++) {
        x.assign(new float[] {0, 1, 1, 0, -1, 0, i % 2, 1});
        labels.assign(new long[] {0, 1, 2, i % 2});
        step.replay();
      }
      System.out.printf("step %d: loss %.2f%n", optimizer.steps(), step.result().item());
    }
    // [end:step]
    // [start:numbers]
    int[] count = {0};
    Tensor noise = Tensor.of(1, -1);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor share =
                      Recording.numbers(DType.F32, () -> new double[] {1.0 / ++count[0]});
                  return noise.mul(share);
                })) {
      step.replay();
      System.out.println(step.result());
    }
    // [end:numbers]
    // [start:refused]
    try (Scope scope = Scope.open()) {
      Device.current().record(() -> System.out.println(noise.sum().item()));
    } catch (IllegalStateException e) {
      System.out.println(e.getMessage());
    }
    // [end:refused]
  }
}
