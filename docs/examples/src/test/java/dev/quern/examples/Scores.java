package dev.quern.examples;

import dev.quern.Tensor;
import dev.quern.nn.Losses;
import java.util.List;

/** Class scores, loss, regularization and softmax. */
public final class Scores {
  private Scores() {}

  public static void main(String[] args) {
    // [start:scores]
    Tensor x = Tensor.of(new float[][] {{1, 2}, {3, 1}}); // 2 samples of 2 features
    Tensor w = Tensor.of(new float[][] {{1, 0, -1}, {0, 1, 1}}); // a column for each of 3 classes
    Tensor b = Tensor.of(0, 0.5f, 0);
    Tensor scores = x.matmul(w).add(b);
    System.out.println(scores);
    System.out.println(scores.argmax(1)); // the class with the highest score
    // [end:scores]
    // [start:softmax]
    Tensor probabilities = scores.softmax(1);
    System.out.println(probabilities);
    System.out.println(Tensor.of(1000, 1001).softmax(0)); // e^1000 alone would be infinite
    // [end:softmax]
    // [start:loss]
    Tensor labels = Tensor.of(new long[] {1, 1}, 2);
    Tensor picked = probabilities.gather(1, labels.unsqueeze(1)); // p of the true class
    System.out.println(picked.log().neg());
    System.out.printf("by hand  %.5f%n", picked.log().neg().mean().item());
    System.out.printf("Losses   %.5f%n", Losses.crossEntropy(scores, labels).item());
    // [end:loss]
    // [start:gradient]
    Tensor s = scores.detach().requiresGrad(true);
    Losses.crossEntropy(s, labels).backward();
    System.out.println(s.grad().orElseThrow());
    System.out.println(probabilities.sub(labels.oneHot(3)).div(2)); // (p - y) / m
    // [end:gradient]
    // [start:penalty]
    Tensor input = Tensor.of(new float[] {1, 1, 1, 1}, 1, 4);
    Tensor target = Tensor.of(new float[] {1}, 1, 1);
    Tensor one = Tensor.of(new float[] {1, 0, 0, 0}, 4, 1);
    Tensor even = Tensor.of(new float[] {0.25f, 0.25f, 0.25f, 0.25f}, 4, 1);
    for (Tensor weights : List.of(one, even)) {
      double loss = Losses.squaredError(input.matmul(weights), target).item();
      double penalty = Losses.l2(0.1, List.of(weights)).item();
      System.out.printf("data loss %.3f + penalty %.3f = %.3f%n", loss, penalty, loss + penalty);
    }
    // [end:penalty]
  }
}
