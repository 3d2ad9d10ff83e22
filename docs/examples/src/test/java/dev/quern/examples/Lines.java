package dev.quern.examples;

import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Losses;
import dev.quern.optim.Sgd;
import java.util.ArrayList;
import java.util.List;

/** Fits a line: the cost function and gradient descent on it. */
public final class Lines {
  static final float[] SIZES = {0.5f, 1.0f, 1.5f, 2.0f, 2.5f, 3.0f};
  static final float[] PRICES = {1.2f, 1.8f, 2.7f, 3.1f, 4.2f, 4.6f};

  private Lines() {}

  public static void main(String[] args) {
    // [start:data]
    Tensor x = Tensor.of(0.5f, 1.0f, 1.5f, 2.0f, 2.5f, 3.0f); // sizes, in 100 square metres
    Tensor y = Tensor.of(1.2f, 1.8f, 2.7f, 3.1f, 4.2f, 4.6f); // prices, in 100,000 euros
    // [end:data]
    // [start:cost]
    Tensor predictions = x.mul(2).add(0); // the line w = 2, b = 0
    Tensor cost = predictions.sub(y).square().sum().div(2.0 * y.size());
    System.out.printf("J(2, 0) = %.4f%n", cost.item());
    System.out.printf("the same: %.4f%n", Losses.squaredError(predictions, y).item());
    // [end:cost]
    // [start:curve]
    Tensor slopes = Tensor.arange(0, 3.01, 0.5); // 0, 0.5, 1 ... 3
    Tensor errors = slopes.unsqueeze(1).mul(x).add(0.5).sub(y); // [7, 1] and [6] make [7, 6]
    Tensor costs = errors.square().sum(1).div(2.0 * y.size()); // J(w, 0.5), one for each slope
    for (int i = 0; i < slopes.size(); i++) {
      System.out.printf("J(%.1f, 0.5) = %.4f%n", slopes.get(i).item(), costs.get(i).item());
    }
    // [end:curve]
    // [start:step]
    double w = 0;
    double b = 0;
    double rate = 0.1;
    for (int step = 0; step < 3; step++) {
      Tensor error = x.mul(w).add(b).sub(y);
      double byW = error.mul(x).mean().item(); // dJ/dw = mean((w x + b - y) x)
      double byB = error.mean().item(); // dJ/db = mean(w x + b - y)
      w = w - rate * byW; // both derivatives were taken at the old w and b
      b = b - rate * byB;
      System.out.printf("w = %.4f, b = %.4f%n", w, b);
    }
    // [end:step]
    // [start:rates]
    for (double r : new double[] {0.01, 0.1, 0.5}) {
      List<Double> path = descend(x, y, r, 100);
      System.out.printf(
          "rate %.2f: J = %.4f, %.4f ... %.4g%n", r, path.get(0), path.get(1), path.get(100));
    }
    // [end:rates]
    // [start:fitted]
    double[] line = fit(x, y);
    System.out.printf("w = %.4f, b = %.4f%n", line[0], line[1]);
    // [end:fitted]
  }

  // [start:autograd]
  /** Returns the slope and the intercept of the line that fits best. */
  static double[] fit(Tensor x, Tensor y) {
    Tensor slope = Tensor.scalar(0).requiresGrad(true);
    Tensor intercept = Tensor.scalar(0).requiresGrad(true);
    Sgd optimizer = new Sgd(List.of(slope, intercept), 0.1);
    for (int step = 0; step < 1000; step++) {
      try (Scope scope = Scope.open()) { // frees what the step made
        Tensor loss = Losses.squaredError(x.mul(slope).add(intercept), y);
        optimizer.zeroGrad();
        loss.backward(); // puts dJ/dw and dJ/db beside slope and intercept
        optimizer.step(); // changes both at once
      }
    }
    return new double[] {slope.item(), intercept.item()};
  }

  // [end:autograd]

  // [start:descend]
  /** Returns the cost of the line 0 x + 0 and of the line after each step. */
  static List<Double> descend(Tensor x, Tensor y, double rate, int steps) {
    double w = 0;
    double b = 0;
    List<Double> costs = new ArrayList<>();
    for (int step = 0; step <= steps; step++) {
      Tensor error = x.mul(w).add(b).sub(y);
      costs.add(error.square().mean().item() / 2);
      double byW = error.mul(x).mean().item();
      double byB = error.mean().item();
      w -= rate * byW;
      b -= rate * byB;
    }
    return costs;
  }
  // [end:descend]
}
