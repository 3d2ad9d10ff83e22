package dev.quern.trainer.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.trainer.data.Scaling;
import java.util.List;
import org.junit.jupiter.api.Test;

class PlaneScoresTest {
  private static final double[] FROM = {-1, 10};
  private static final double[] TO = {3, 20};

  /** Sets the weights and the bias of a model of one layer. */
  private static void set(Model model, double[] weights, double... bias) {
    double[][] values = {weights, bias};
    for (int i = 0; i < 2; i++) {
      Tensor tensor = model.network().tensors().get(i);
      tensor.assign(Tensor.of(values[i], tensor.shape().dims()).cast(tensor.dtype()));
    }
  }

  @Test
  void shouldScoreFeaturesInTheUnitsOfTheData() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.logistic(3, DType.F64);
      set(model, new double[] {2, 7, -3}, 0.5);
      List<Scaling> scaling =
          List.of(
              Scaling.factor(3, 10), new Scaling(new double[] {1, 2, 3}, new double[] {4, 5, 0.5}));

      PlaneScores scores =
          PlaneScores.of(model, scaling, new double[] {Double.NaN, 8, Double.NaN}, 2, 0, FROM, TO);

      assertEquals(2, scores.classes());
      double[] at = new double[2];
      int last = scores.x().length - 1;
      for (double u : new double[] {0, 0.25, 0.7113, 1}) {
        double across = -1 + 4 * u;
        double upwards = 10 + 10 * u * u;
        scores.at(u * last, u * u * last, at);
        double expected =
            2 * (10 * upwards - 1) / 4 + 7 * (80 - 2) / 5.0 - 3 * (10 * across - 3) / 0.5 + 0.5;
        assertArrayEquals(new double[] {0, expected}, at, 1e-10);
      }
    }
  }

  @Test
  void shouldScoreEachClass() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.softmax(2, 3, DType.F32);
      set(model, new double[] {1, 0, -1, 0, 2, -2}, 0, 1, 2);

      PlaneScores scores = PlaneScores.of(model, List.of(), new double[] {0, 0}, 0, 1, FROM, TO);

      double[] at = new double[3];
      scores.at(scores.x().length - 1.0, 0, at);
      assertArrayEquals(new double[] {3, 21, -21}, at, 1e-5);
    }
  }

  @Test
  void shouldTakeAFeatureThatIsConstantAsZero() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.logistic(2, DType.F64);
      set(model, new double[] {1, 1}, 0);
      Scaling constant = new Scaling(new double[] {0, 9}, new double[] {1, 0});

      PlaneScores scores =
          PlaneScores.of(model, List.of(constant), new double[] {0, 0}, 0, 1, FROM, TO);

      double[] at = new double[2];
      scores.at(0, 7.5, at);
      assertEquals(-1, at[1], 1e-12);
    }
  }

  @Test
  void shouldTakeFewerPointsThroughAWideLayer() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.mlp(2, List.of(20_000), 2, Activation.RELU, 0, DType.F32);

      PlaneScores scores = PlaneScores.of(model, List.of(), new double[] {0, 0}, 0, 1, FROM, TO);

      int points = scores.x().length * scores.y().length;
      assertTrue(points * 20_000L <= 1 << 24, points + " points");
      assertEquals(2 * points, scores.scores().length);
      assertEquals(3, scores.x()[scores.x().length - 1]);
      assertEquals(20, scores.y()[scores.y().length - 1]);
    }
  }

  @Test
  void shouldRefuseARegression() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.linear(2, DType.F32);

      assertThrows(
          IllegalArgumentException.class,
          () -> PlaneScores.of(model, List.of(), new double[2], 0, 1, FROM, TO));
    }
  }
}
