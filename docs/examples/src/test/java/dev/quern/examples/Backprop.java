package dev.quern.examples;

import dev.quern.Tensor;
import dev.quern.nn.Losses;
import java.util.List;

/** Forward and backward propagation through one hidden layer, by hand and by the library. */
public final class Backprop {
  private Backprop() {}

  public static void main(String[] args) {
    // [start:forward]
    Tensor x = Tensor.of(new float[][] {{1, 2}, {-1, 1}});
    Tensor labels = Tensor.of(new long[] {0, 1}, 2);
    Tensor w1 = Tensor.of(new float[][] {{0.5f, -1, 0.25f}, {1, 0.75f, -0.5f}}).requiresGrad(true);
    Tensor b1 = Tensor.zeros(3).requiresGrad(true);
    Tensor w2 = Tensor.of(new float[][] {{1, -1}, {-0.5f, 0.5f}, {-1, 1}}).requiresGrad(true);
    Tensor b2 = Tensor.zeros(2).requiresGrad(true);

    Tensor z = x.matmul(w1).add(b1); // [2, 3]
    Tensor h = z.relu();
    Tensor scores = h.matmul(w2).add(b2); // [2, 2]
    Tensor loss = Losses.crossEntropy(scores, labels);
    System.out.printf("loss %.5f%n", loss.item());
    // [end:forward]
    // [start:backward]
    Tensor byScores = scores.softmax(1).sub(labels.oneHot(2)).div(2); // (p - y) / m
    Tensor byW2 = h.transpose().matmul(byScores);
    Tensor byB2 = byScores.sum(0);
    Tensor byH = byScores.matmul(w2.transpose());
    Tensor byZ = byH.mul(z.gt(0)); // relu passes on what came in above 0
    Tensor byW1 = x.transpose().matmul(byZ);
    Tensor byB1 = byZ.sum(0);
    // [end:backward]
    // [start:compare]
    loss.backward();
    List<Tensor> parameters = List.of(w1, b1, w2, b2);
    List<Tensor> byHand = List.of(byW1, byB1, byW2, byB2);
    for (int i = 0; i < parameters.size(); i++) {
      Tensor gradient = parameters.get(i).grad().orElseThrow();
      double difference = gradient.sub(byHand.get(i)).abs().max().item();
      System.out.println(gradient.shape() + " differs by less than 1e-6: " + (difference < 1e-6));
    }
    // [end:compare]
    // [start:check]
    double step = 1e-2;
    Tensor nudge = Tensor.of(new float[][] {{0, 0, 0}, {0, (float) step, 0}}); // of w1[1][1]
    double above = loss(x, w1.add(nudge), b1, w2, b2, labels);
    double below = loss(x, w1.sub(nudge), b1, w2, b2, labels);
    System.out.printf("measured %.4f%n", (above - below) / (2 * step));
    System.out.printf("computed %.4f%n", w1.grad().orElseThrow().get(1, 1).item());
    // [end:check]
  }

  private static double loss(Tensor x, Tensor w1, Tensor b1, Tensor w2, Tensor b2, Tensor labels) {
    Tensor scores = x.matmul(w1).add(b1).relu().matmul(w2).add(b2);
    return Losses.crossEntropy(scores, labels).item();
  }
}
