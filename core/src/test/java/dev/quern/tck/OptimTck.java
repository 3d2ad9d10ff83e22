package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.optim.Adagrad;
import dev.quern.optim.Adam;
import dev.quern.optim.Clipping;
import dev.quern.optim.Optimizer;
import dev.quern.optim.RmsProp;
import dev.quern.optim.Schedule;
import dev.quern.optim.Sgd;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Optimizers against the same formulas in plain Java. */
abstract class OptimTck extends Tck {
  private static final int STEPS = 20;
  private static final int N = 6;

  /** The update of one number. */
  private abstract static class Rule {
    /** Returns the new value for a gradient at step t, counted from 1; state is kept per number. */
    abstract double apply(double p, double g, double[] state, int t);
  }

  private static final class SgdRule extends Rule {
    private final double momentum;
    private final boolean nesterov;
    private final double decay;

    SgdRule(double momentum, boolean nesterov, double decay) {
      this.momentum = momentum;
      this.nesterov = nesterov;
      this.decay = decay;
    }

    @Override
    double apply(double p, double g, double[] state, int t) {
      double d = g + decay * p;
      state[0] = momentum * state[0] + d;
      return p - 0.05 * (nesterov ? d + momentum * state[0] : state[0]);
    }
  }

  private static final class AdamRule extends Rule {
    private final double coupled;
    private final double decoupled;

    AdamRule(double coupled, double decoupled) {
      this.coupled = coupled;
      this.decoupled = decoupled;
    }

    @Override
    double apply(double p, double g, double[] state, int t) {
      double d = g + coupled * p;
      state[0] = 0.9 * state[0] + 0.1 * d;
      state[1] = 0.999 * state[1] + 0.001 * d * d;
      double m = state[0] / (1 - Math.pow(0.9, t));
      double v = state[1] / (1 - Math.pow(0.999, t));
      return p * (1 - 0.05 * decoupled) - 0.05 * m / (Math.sqrt(v) + 1e-8);
    }
  }

  private static final class AdagradRule extends Rule {
    private final double slowing;
    private final double decay;

    AdagradRule(double slowing, double decay) {
      this.slowing = slowing;
      this.decay = decay;
    }

    @Override
    double apply(double p, double g, double[] state, int t) {
      double d = g + decay * p;
      state[0] += d * d;
      return p - 0.05 / (1 + (t - 1) * slowing) * d / (Math.sqrt(state[0]) + 1e-10);
    }
  }

  private static final class RmsPropRule extends Rule {
    private final double momentum;
    private final double decay;

    RmsPropRule(double momentum, double decay) {
      this.momentum = momentum;
      this.decay = decay;
    }

    @Override
    double apply(double p, double g, double[] state, int t) {
      double d = g + decay * p;
      state[0] = 0.9 * state[0] + 0.1 * d * d;
      state[1] = momentum * state[1] + d / (Math.sqrt(state[0]) + 1e-8);
      return p - 0.05 * state[1];
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldFollowFormulas() {
    return Stream.of(DType.F64, DType.F32)
        .flatMap(
            dtype ->
                Stream.of(
                    row(dtype, "sgd", p -> new Sgd(p, 0.05), new SgdRule(0, false, 0)),
                    row(
                        dtype,
                        "sgd decay",
                        p -> new Sgd(p, 0.05, 0, false, 0.1),
                        new SgdRule(0, false, 0.1)),
                    row(
                        dtype,
                        "momentum",
                        p -> new Sgd(p, 0.05, 0.9, false, 0),
                        new SgdRule(0.9, false, 0)),
                    row(
                        dtype,
                        "nesterov decay",
                        p -> new Sgd(p, 0.05, 0.9, true, 0.1),
                        new SgdRule(0.9, true, 0.1)),
                    row(dtype, "adam", p -> new Adam(p, 0.05), new AdamRule(0, 0)),
                    row(
                        dtype,
                        "adam decay",
                        p -> new Adam(p, 0.05, 0.9, 0.999, 1e-8, 0.1),
                        new AdamRule(0.1, 0)),
                    row(dtype, "adagrad", p -> new Adagrad(p, 0.05), new AdagradRule(0, 0)),
                    row(
                        dtype,
                        "adagrad slowing decay",
                        p -> new Adagrad(p, 0.05, 0.3, 0.1, 1e-10),
                        new AdagradRule(0.3, 0.1)),
                    row(
                        dtype,
                        "rmsprop",
                        p -> new RmsProp(p, 0.05, 0.9, 0, 0, 1e-8),
                        new RmsPropRule(0, 0)),
                    row(
                        dtype,
                        "rmsprop momentum decay",
                        p -> new RmsProp(p, 0.05, 0.9, 0.8, 0.1, 1e-8),
                        new RmsPropRule(0.8, 0.1)),
                    row(dtype, "adamW", p -> Adam.adamW(p, 0.05, 0.1), new AdamRule(0, 0.1))));
  }

  private static DynamicTest row(
      DType dtype, String name, Function<List<Tensor>, Optimizer> make, Rule rule) {
    return test(dtype + " " + name, () -> follow(dtype, make, rule));
  }

  // Minimises sum(a (x - b)^2 / 2) + x0 y0, whose gradient couples the two parameters.
  private static void follow(DType dtype, Function<List<Tensor>, Optimizer> make, Rule rule) {
    double tolerance = dtype == DType.F64 ? 1e-12 : 2e-5;
    Values a = Samples.uniform(dtype, 1, 0.5, 2, N);
    Values b = Samples.uniform(dtype, 2, -1, 1, N);
    Tensor x = Samples.uniform(dtype, 3, -1, 1, N).upload().requiresGrad(true);
    Tensor y = Samples.uniform(dtype, 4, -1, 1, 2, 3).upload().requiresGrad(true);
    double[] px = x.toDoubleArray();
    double[] py = y.toDoubleArray();
    double[][][] state = new double[2][N][2];
    Tensor scale = a.upload();
    Tensor target = b.upload();
    Optimizer optimizer = make.apply(List.of(x, y));

    for (int t = 1; t <= STEPS; t++) {
      int step = t;
      scoped(
          () -> {
            optimizer.zeroGrad();
            Tensor spread = scale.mul(x.sub(target).square()).sum().div(2);
            spread.add(x.get(0).mul(y.get(0, 0))).add(y.square().sum()).backward();
            optimizer.step();
          });
      double x0 = px[0];
      double y0 = py[0];
      for (int i = 0; i < N; i++) {
        double gx = a.real(i) * (px[i] - b.real(i)) + (i == 0 ? y0 : 0);
        double gy = 2 * py[i] + (i == 0 ? x0 : 0);
        px[i] = rule.apply(px[i], gx, state[0][i], step);
        py[i] = rule.apply(py[i], gy, state[1][i], step);
      }
      assertArrayEquals(px, x.toDoubleArray(), tolerance, "x after step " + t);
      assertArrayEquals(py, y.toDoubleArray(), tolerance, "y after step " + t);
    }
  }

  @Test
  void shouldUpdateAllParametersFromOldValues() {
    // The gradient of each is the other itself: whoever is updated second must not see the first's
    // new value.
    Tensor a = Tensor.of(new double[] {2, 3}, 2).requiresGrad(true);
    Tensor b = Tensor.of(new double[] {5, 7}, 2).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a, b), 1);

    a.mul(b).sum().backward();
    optimizer.step();

    assertArrayEquals(new double[] {-3, -4}, a.toDoubleArray());
    assertArrayEquals(new double[] {3, 4}, b.toDoubleArray());
  }

  @Test
  void shouldLeaveParametersWithoutGradient() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Tensor b = Tensor.of(new double[] {5}, 1).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a, b), 1, 0.9, false, 0.5);

    a.sum().backward();
    optimizer.step();

    assertEquals(5, b.item(), 0);
    assertEquals(0, a.item(), 0);
  }

  @Test
  void shouldKeepGradientsOverStep() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a), 1);
    a.square().sum().backward();

    optimizer.step();
    optimizer.step();

    assertEquals(4, a.grad().orElseThrow().item(), 0);
    assertEquals(-6, a.item(), 0);
  }

  @Test
  void shouldForgetAllGradients() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a), 1);
    a.square().sum().backward();

    optimizer.zeroGrad();

    assertEquals(true, a.grad().isEmpty());
  }

  @Test
  void shouldChangeLearningRate() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a), 1);
    optimizer.setLearningRate(0.5);
    a.sum().backward();

    optimizer.step();

    assertEquals(1.5, a.item(), 0);
    assertEquals(0.5, optimizer.learningRate(), 0);
  }

  @Test
  void shouldScheduleLearningRates() {
    assertEquals(0.5, Schedule.constant(0.5).at(99), 0);
    assertEquals(1, Schedule.stepwise(1, 10, 0.5).at(9), 0);
    assertEquals(0.25, Schedule.stepwise(1, 10, 0.5).at(29), 0);
    assertEquals(0.729, Schedule.exponential(1, 0.9).at(3), 1e-15);
    assertEquals(1, Schedule.cosine(1, 0.2, 100).at(0), 0);
    assertEquals(0.6, Schedule.cosine(1, 0.2, 100).at(50), 1e-15);
    assertEquals(0.2, Schedule.cosine(1, 0.2, 100).at(1000), 1e-15);
    Schedule warmed = Schedule.exponential(1, 0.5).warmedUp(4);
    assertEquals(0.25, warmed.at(0), 0);
    assertEquals(1, warmed.at(3), 0);
    assertEquals(1, warmed.at(4), 0);
    assertEquals(0.5, warmed.at(5), 0);
  }

  @Test
  void shouldApplyTheScheduleOfTheNextStep() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(a), 1);
    Schedule schedule = Schedule.exponential(1, 0.5);

    for (int i = 0; i < 3; i++) {
      schedule.apply(optimizer);
      a.zeroGrad();
      a.sum().backward();
      optimizer.step();
    }

    assertEquals(2 - 1 - 0.5 - 0.25, a.item(), 0);
  }

  @Test
  void shouldRefuseScheduleWithoutSteps() {
    assertThrows(IllegalArgumentException.class, () -> Schedule.stepwise(1, 0, 0.5));
    assertThrows(IllegalArgumentException.class, () -> Schedule.cosine(1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> Schedule.constant(1).warmedUp(0));
  }

  private static Tensor withGradient(double... gradient) {
    Tensor x = Tensor.zeros(DType.F64, gradient.length).realize().requiresGrad(true);
    x.mul(Tensor.of(gradient, gradient.length)).sum().backward();
    return x;
  }

  @Test
  void shouldClipGradientsByValue() {
    Tensor x = withGradient(-3, 0.5, 2, Double.POSITIVE_INFINITY);
    Tensor without = Tensor.zeros(2).requiresGrad(true);

    Clipping.byValue(List.of(x, without), 1);

    assertArrayEquals(new double[] {-1, 0.5, 1, 1}, x.grad().orElseThrow().toDoubleArray());
    assertThrows(IllegalArgumentException.class, () -> Clipping.byValue(List.of(x), 0));
  }

  @Test
  void shouldClipGradientsByTheirCommonNorm() {
    Tensor x = withGradient(3, 0);
    Tensor y = withGradient(-4);

    double before = Clipping.byNorm(List.of(x, y), 1).item();

    assertEquals(5, before, 1e-15);
    assertArrayEquals(new double[] {0.6, 0}, x.grad().orElseThrow().toDoubleArray(), 1e-15);
    assertArrayEquals(new double[] {-0.8}, y.grad().orElseThrow().toDoubleArray(), 1e-15);
    assertEquals(1, Clipping.byNorm(List.of(x, y), 2).item(), 1e-15);
    assertArrayEquals(new double[] {0.6, 0}, x.grad().orElseThrow().toDoubleArray(), 1e-15);
    assertThrows(IllegalArgumentException.class, () -> Clipping.byNorm(List.of(), 1));
  }

  @Test
  void shouldStayLeafAfterStep() {
    Tensor a = Tensor.of(new double[] {2}, 1).requiresGrad(true);
    Optimizer optimizer = new Adam(List.of(a), 0.1);
    for (int i = 0; i < 3; i++) {
      optimizer.zeroGrad();
      a.square().sum().backward();
      optimizer.step();
    }

    assertEquals(true, a.requiresGrad());
    assertEquals(1.7, a.item(), 1e-3);
  }

  @Test
  void shouldTrainTheSameBitsTwice() {
    assertArrayEquals(trained(), trained());
  }

  private static float[] trained() {
    Tensor w = Samples.uniform(DType.F32, 3, -1, 1, 33, 17).upload().requiresGrad(true);
    Tensor x = Samples.uniform(DType.F32, 4, -1, 1, 65, 33).upload();
    Optimizer optimizer = new Adam(List.of(w), 0.01);
    for (int i = 0; i < 10; i++) {
      scoped(
          () -> {
            optimizer.zeroGrad();
            x.matmul(w).tanh().square().mean().backward();
            optimizer.step();
          });
    }
    return w.toFloatArray();
  }

  @TestFactory
  Stream<DynamicTest> shouldGoOnWithTheSameBitsFromSavedState() {
    return Stream.<Function<List<Tensor>, Optimizer>>of(
            p -> new Sgd(p, 0.05),
            p -> new Sgd(p, 0.05, 0.9, true, 0.01),
            p -> new Adam(p, 0.05),
            p -> Adam.adamW(p, 0.05, 0.1),
            p -> new Adagrad(p, 0.05, 0.3, 0, 1e-10),
            p -> new RmsProp(p, 0.05, 0.9, 0.8, 0, 1e-8))
        .map(
            create ->
                test(
                    create.apply(List.of()).getClass().getSimpleName(),
                    () -> {
                      Tensor w = Tensor.of(new float[] {1, -2, 3}, 3).requiresGrad(true);
                      Optimizer first = create.apply(List.of(w));
                      descend(w, first, 3);
                      Tensor saved = Tensor.of(w.toFloatArray(), 3).requiresGrad(true);
                      Optimizer second = create.apply(List.of(saved));
                      second.restore(first.steps(), copies(first.state()));

                      descend(w, first, 4);
                      descend(saved, second, 4);

                      assertArrayEquals(w.toFloatArray(), saved.toFloatArray());
                      assertEquals(7, second.steps());
                    }));
  }

  private static void descend(Tensor w, Optimizer optimizer, int steps) {
    for (int i = 0; i < steps; i++) {
      optimizer.zeroGrad();
      w.square().sum().backward();
      optimizer.step();
    }
  }

  private static List<Tensor> copies(List<Tensor> tensors) {
    return tensors.stream().map(t -> Tensor.of(t.toFloatArray(), t.shape().dims())).toList();
  }

  @Test
  void shouldRefuseStateThatDoesNotFit() {
    Tensor w = Tensor.of(new float[] {1, -2, 3}, 3).requiresGrad(true);
    Optimizer adam = new Adam(List.of(w), 0.05);
    Tensor two = Tensor.zeros(DType.F32, 2);
    Tensor wide = Tensor.zeros(DType.F64, 3);
    Tensor fits = Tensor.ones(DType.F32, 3);

    assertThrows(IllegalArgumentException.class, () -> adam.restore(1, List.of(fits)));
    assertThrows(IllegalArgumentException.class, () -> adam.restore(-1, List.of(fits, fits)));
    assertThrows(IllegalArgumentException.class, () -> adam.restore(1, List.of(fits, two)));
    assertThrows(IllegalArgumentException.class, () -> adam.restore(1, List.of(fits, wide)));

    assertEquals(0, adam.steps());
    assertArrayEquals(new float[3], adam.state().get(0).toFloatArray());
  }
}
