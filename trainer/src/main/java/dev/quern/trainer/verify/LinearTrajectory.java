package dev.quern.trainer.verify;

import dev.quern.Scope;
import dev.quern.Shape;
import dev.quern.Tensor;
import dev.quern.io.Npy;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.optim.Optimizer;
import dev.quern.trainer.verify.GoldenCases.Precision;
import java.util.List;

/** A linear regression by gradient descent, compared after every step. */
final class LinearTrajectory {
  private final JsonFields fields;
  private final Precision precision;

  private LinearTrajectory(JsonFields fields, Precision precision) {
    this.fields = fields;
    this.precision = precision;
  }

  static List<VerifyCase> cases(JsonFields fields) {
    String optimizer = fields.text("optimizer", "sgd");
    return Precision.ALL.stream()
        .filter(precision -> fields.has(precision.key()))
        .map(
            precision ->
                new VerifyCase(
                    GoldenCases.name(fields) + " " + precision.key(),
                    optimizer,
                    GoldenCases.FAMILY,
                    new LinearTrajectory(fields, precision)::run))
        .toList();
  }

  private Comparison run() {
    JsonFields expected = fields.object(precision.key());
    int steps = fields.integer("steps", 1, GoldenCases.MAX_STEPS);
    Tensor given = GoldenCases.tensor(fields, "x", precision.dtype());
    Tensor x = given.rank() == 1 ? given.unsqueeze(1) : given;
    Tensor y = GoldenCases.tensor(fields, "y", precision.dtype());
    if (x.rank() != 2 || y.rank() != 1 || y.dim(0) != x.dim(0)) {
      throw fields.error("x", "has shape " + given.shape() + ", which does not fit y " + y.shape());
    }
    int columns = Math.toIntExact(x.dim(1));
    double[] wantW = GoldenCases.array(expected, "w", weightsShape(expected, steps, columns));
    double[] wantB = GoldenCases.array(expected, "b", Shape.of(steps));
    double[] wantJ = GoldenCases.array(expected, "J", Shape.of(steps));

    JsonFields init = fields.objectOrEmpty("init");
    Linear model =
        new Linear(
            GoldenCases.parameter(init, "w", precision.dtype(), columns, 1),
            GoldenCases.parameter(init, "b", precision.dtype(), 1));
    Optimizer optimizer = GoldenCases.optimizer(fields, model.tensors());
    double[] w = new double[steps * columns];
    double[] b = new double[steps];
    double[] costs = new double[steps];
    double first = step(model, x, y, optimizer);
    for (int i = 0; i < steps; i++) {
      System.arraycopy(model.weight().toDoubleArray(), 0, w, i * columns, columns);
      b[i] = model.bias().item();
      // The cost before the next step is the one after this.
      costs[i] = step(model, x, y, optimizer);
    }

    Comparison comparison = new Comparison();
    if (expected.has("J0")) {
      double[] start = {expected.number("J0")};
      comparison.scaled("J0", new double[] {first}, start, precision.bar());
    }
    comparison.scaled("w", w, wantW, precision.bar());
    comparison.scaled("b", b, wantB, precision.bar());
    comparison.scaled("J", costs, wantJ, precision.bar());
    return comparison;
  }

  /** One column's weights may be a vector, as its one weight is then a number. */
  private static Shape weightsShape(JsonFields expected, int steps, int columns) {
    boolean vector = columns == 1 && Npy.read(expected.path("w")).shape().rank() == 1;
    return vector ? Shape.of(steps) : Shape.of(steps, columns);
  }

  /** Makes a step and returns the cost before it. */
  private static double step(Linear model, Tensor x, Tensor y, Optimizer optimizer) {
    Scope scope = Scope.open();
    try (scope) {
      Tensor cost = Losses.squaredError(model.forward(x).squeeze(1), y);
      optimizer.zeroGrad();
      cost.backward();
      optimizer.step();
      return cost.item();
    }
  }
}
