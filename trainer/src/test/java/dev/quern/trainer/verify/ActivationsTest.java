package dev.quern.trainer.verify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.nn.Activations;
import java.util.Arrays;
import java.util.function.DoubleUnaryOperator;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationsTest {
  private static final double INF = Double.POSITIVE_INFINITY;
  // Away from every kink, so that differences approximate the gradient.
  private static final double[] POINTS = {
    -30, -5, -2.9, -1.7, -0.6, -0.1, 0.1, 0.6, 1.7, 2.9, 5, 30
  };
  private static final double[] SPECIAL = {
    -INF, -3e38, -1e20, -1000, -0.0, 0, 1000, 1e20, 3e38, INF
  };
  private static final double STEP = 1e-6;

  /** Each function with its formula. */
  private enum Row {
    CELU(x -> Activations.celu(x, 2), x -> Math.max(0, x) + Math.min(0, 2 * Math.expm1(x / 2))),
    HARD_SIGMOID(Activations::hardSigmoid, x -> Math.min(Math.max(x / 6 + 0.5, 0), 1)),
    HARD_SWISH(Activations::hardSwish, x -> x * Math.min(Math.max(x / 6 + 0.5, 0), 1)),
    MISH(Activations::mish, x -> x * Math.tanh(Oracle.softplus(x))),
    SHRINK(x -> Activations.shrink(x, 1.5, 0.5), x -> x < -1.5 ? x + 0.5 : x > 1.5 ? x - 0.5 : 0),
    SOFTSIGN(Activations::softsign, x -> x / (1 + Math.abs(x))),
    SWISH(x -> Activations.swish(x, 1.5), x -> x * Oracle.sigmoid(1.5 * x)),
    SWISH_BACKWARDS(x -> Activations.swish(x, -0.5), x -> x * Oracle.sigmoid(-0.5 * x)),
    THRESHOLDED_RELU(x -> Activations.thresholdedRelu(x, 1), x -> x > 1 ? x : 0),
    GELU_TANH(
        Activations::geluTanh,
        x -> x / 2 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x))));

    private final UnaryOperator<Tensor> function;
    private final DoubleUnaryOperator formula;

    Row(UnaryOperator<Tensor> function, DoubleUnaryOperator formula) {
      this.function = function;
      this.formula = formula;
    }

    Tensor apply(Tensor x) {
      return function.apply(x);
    }

    double formula(double x) {
      return formula.applyAsDouble(x);
    }
  }

  @ParameterizedTest
  @EnumSource
  void shouldFollowTheFormula(Row row) {
    double[] want = Arrays.stream(POINTS).map(row::formula).toArray();

    double[] got = row.apply(Tensor.of(POINTS, POINTS.length)).toDoubleArray();

    assertArrayEquals(want, got, 1e-14);
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveTheGradientOfTheFormula(Row row) {
    double[] want =
        Arrays.stream(POINTS)
            .map(x -> (row.formula(x + STEP) - row.formula(x - STEP)) / (2 * STEP))
            .toArray();
    Tensor x = Tensor.of(POINTS, POINTS.length).requiresGrad(true);

    row.apply(x).sum().backward();

    assertArrayEquals(want, x.grad().orElseThrow().toDoubleArray(), 1e-7);
  }

  @ParameterizedTest
  @EnumSource
  void shouldHaveNoNanAtExtremes(Row row) {
    Tensor x = Tensor.of(SPECIAL, SPECIAL.length).cast(DType.F32).requiresGrad(true);

    Tensor y = row.apply(x);
    y.sum().backward();

    assertTrue(noNan(y), row + ": " + y);
    Tensor gradient = x.grad().orElseThrow();
    assertTrue(noNan(gradient), row + ": gradient " + gradient);
  }

  private static boolean noNan(Tensor tensor) {
    return Arrays.stream(tensor.toDoubleArray()).noneMatch(Double::isNaN);
  }

  @ParameterizedTest
  @EnumSource
  void shouldKeepNan(Row row) {
    assertTrue(Double.isNaN(row.apply(Tensor.of(Float.NaN)).item()));
  }

  @ParameterizedTest
  @EnumSource
  void shouldReturnF32ForIntegers(Row row) {
    Tensor y = row.apply(Tensor.of(new int[] {1, 2}, 2));

    assertEquals(DType.F32, y.dtype());
  }

  @Test
  void shouldRefuseAlpha0InCelu() {
    assertThrows(IllegalArgumentException.class, () -> Activations.celu(Tensor.of(1f), 0));
  }

  @Test
  void shouldRefuseANegativeThresholdInShrink() {
    assertThrows(IllegalArgumentException.class, () -> Activations.shrink(Tensor.of(1f), -1, 0));
  }
}
