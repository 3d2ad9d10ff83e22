package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Profile;
import dev.quern.Recording;
import dev.quern.Tensor;
import dev.quern.nn.BatchNorm;
import dev.quern.nn.Init;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adagrad;
import dev.quern.optim.Adam;
import dev.quern.optim.Clipping;
import dev.quern.optim.Optimizer;
import dev.quern.optim.RmsProp;
import dev.quern.optim.Schedule;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Replays of a recorded step: the bits of the step itself. */
abstract class RecordingTck extends Tck {
  private static final int STEPS = 6;
  private static final int ROWS = 5;
  private static final int FEATURES = 7;
  private static final int CLASSES = 4;

  private static Linear linear(long in, long out, long seed, DType dtype) {
    return new Linear(in, out, Init.HE, new Generator(seed), dtype);
  }

  private static Module mlp(DType dtype) {
    return new Sequential(
        linear(FEATURES, 9, 1, dtype),
        Module.of(Tensor::relu),
        linear(9, 6, 2, dtype),
        Module.of(Tensor::tanh),
        linear(6, CLASSES, 3, dtype));
  }

  private static Trainee classifier(
      Module model, DType dtype, Function<List<Tensor>, Optimizer> optimizer) {
    return classifier(model, dtype, optimizer, () -> {});
  }

  private static Trainee classifier(
      Module model, DType dtype, Function<List<Tensor>, Optimizer> optimizer, Runnable clipping) {
    return new Trainee(
        model,
        optimizer.apply(model.tensors()),
        Tensor.zeros(dtype, ROWS, FEATURES),
        Tensor.zeros(DType.I64, ROWS),
        CLASSES,
        Losses::crossEntropy,
        clipping);
  }

  static Trainee regression() {
    Module model = linear(FEATURES, 1, 5, DType.F32);
    return new Trainee(
        model,
        new Sgd(model.tensors(), 0.1),
        Tensor.zeros(ROWS, FEATURES),
        Tensor.zeros(ROWS, 1),
        0,
        Losses::squaredError,
        () -> {});
  }

  private static Trainee clipped(java.util.function.Consumer<List<Tensor>> clipping) {
    Module model = mlp(DType.F32);
    return classifier(
        model, DType.F32, p -> new Adam(p, 0.01), () -> clipping.accept(model.tensors()));
  }

  static Trainee adam() {
    return classifier(mlp(DType.F32), DType.F32, p -> new Adam(p, 0.01));
  }

  @TestFactory
  Stream<DynamicTest> shouldGiveTheBitsOfTheStep() {
    return Stream.of(
        same("linear regression, descent", RecordingTck::regression),
        same(
            "softmax regression, momentum",
            () ->
                classifier(
                    linear(FEATURES, CLASSES, 1, DType.F32),
                    DType.F32,
                    p -> new Sgd(p, 0.1, 0.9, true, 1e-3))),
        same("perceptron, Adam", RecordingTck::adam),
        same(
            "perceptron in F64, AdamW",
            () -> classifier(mlp(DType.F64), DType.F64, p -> Adam.adamW(p, 0.01, 0.1))),
        same(
            "perceptron, Adam with decay",
            () ->
                classifier(
                    mlp(DType.F32), DType.F32, p -> new Adam(p, 0.01, 0.9, 0.99, 1e-8, 0.1))),
        same(
            "perceptron, Adagrad",
            () ->
                classifier(mlp(DType.F32), DType.F32, p -> new Adagrad(p, 0.1, 0.2, 1e-3, 1e-10))),
        same(
            "perceptron, RMSprop",
            () ->
                classifier(
                    mlp(DType.F32), DType.F32, p -> new RmsProp(p, 0.01, 0.9, 0.5, 1e-3, 1e-8))),
        same("clipped by norm", () -> clipped(p -> Clipping.byNorm(p, 0.1))),
        same("clipped by value", () -> clipped(p -> Clipping.byValue(p, 0.01))),
        same("batch norm", RecordingTck::normalized));
  }

  private static Trainee normalized() {
    Module model =
        new Sequential(
            linear(FEATURES, 6, 1, DType.F32),
            new BatchNorm(6),
            Module.of(Tensor::relu),
            linear(6, CLASSES, 2, DType.F32));
    return classifier(model, DType.F32, p -> new Sgd(p, 0.1, 0.9, false, 0));
  }

  // The rate falls with each step, and is set to another on the way.
  private static DynamicTest same(String name, Supplier<Trainee> maker) {
    return test(
        name,
        () -> {
          Trainee plain = maker.get();
          Trainee recorded = maker.get();
          plain.load(0);
          recorded.load(0);
          String loss = Trainee.bits(plain.step());
          try (Recording step = recorded.record()) {
            assertEquals(loss, Trainee.bits(step.result()));
            assertEquals(plain.state(), recorded.state());
            for (int i = 1; i < STEPS; i++) {
              double rate = i == 3 ? 0.5 : plain.optimizer.learningRate() * 0.75;
              for (Trainee trainee : List.of(plain, recorded)) {
                trainee.optimizer.setLearningRate(rate);
                trainee.load(i);
              }
              loss = Trainee.bits(plain.step());

              step.replay();

              assertEquals(loss, Trainee.bits(step.result()), "step " + i);
              assertEquals(plain.state(), recorded.state(), "step " + i);
            }
          }
          plain.load(9);
          recorded.load(9);
          plain.step();
          recorded.step();
          assertEquals(plain.state(), recorded.state(), "after closing");
        });
  }

  @Test
  void shouldApplyScheduleAtEachReplay() {
    Trainee plain = adam();
    Trainee recorded = adam();
    Schedule schedule = Schedule.cosine(0.1, 0.01, 10).warmedUp(2);
    plain.load(0);
    recorded.load(0);
    schedule.apply(plain.optimizer);
    plain.step();
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  schedule.apply(recorded.optimizer);
                  recorded.step();
                })) {
      for (int i = 1; i < STEPS; i++) {
        schedule.apply(plain.optimizer);
        plain.step();

        step.replay();

        assertEquals(plain.state(), recorded.state());
      }
    }
  }

  @Test
  void shouldMakeSeveralStepsInOneReplay() {
    Trainee plain = adam();
    Trainee recorded = adam();
    plain.load(0);
    recorded.load(0);
    plain.step();
    plain.step();
    try (Recording steps =
        Device.current()
            .record(
                () -> {
                  recorded.step();
                  recorded.step();
                })) {
      for (int i = 1; i < 4; i++) {
        plain.load(i);
        recorded.load(i);
        plain.step();
        plain.step();

        steps.replay();

        assertEquals(plain.state(), recorded.state());
      }
    }
  }

  @Test
  void shouldMixReplaysWithSteps() {
    Trainee plain = adam();
    Trainee recorded = adam();
    plain.load(0);
    recorded.load(0);
    plain.step();
    try (Recording step = recorded.record()) {
      for (int i = 1; i < STEPS; i++) {
        plain.load(i);
        recorded.load(i);
        plain.step();
        if (i % 2 == 0) {
          recorded.step();
        } else {
          step.replay();
        }

        assertEquals(plain.state(), recorded.state(), "step " + i);
      }
    }
  }

  @Test
  void shouldAlternateTwoRecordingsOfTheSameParameters() {
    Trainee plain = adam();
    Trainee a = adam();
    Trainee b =
        new Trainee(
            a.model,
            a.optimizer,
            Tensor.zeros(ROWS, FEATURES),
            Tensor.zeros(DType.I64, ROWS),
            CLASSES,
            Losses::crossEntropy,
            () -> {});
    plain.load(0);
    a.load(0);
    plain.step();
    try (Recording first = a.record()) {
      plain.load(1);
      b.load(1);
      plain.step();
      try (Recording second = b.record()) {
        assertEquals(plain.state(), a.state());
        for (int i = 2; i < 7; i++) {
          plain.load(i);
          plain.step();
          if (i % 3 == 0) {
            a.load(i);
            first.replay();
          } else {
            b.load(i);
            second.replay();
          }

          assertEquals(plain.state(), a.state(), "step " + i);
        }
      }
      plain.load(8);
      a.load(8);
      plain.step();
      first.replay();
      assertEquals(plain.state(), a.state(), "after closing the second");
    }
  }

  @Test
  void shouldShowGradientsThatWereForgotten() {
    Trainee plain = regression();
    Trainee recorded = regression();
    plain.load(0);
    recorded.load(0);
    plain.step();
    try (Recording step = recorded.record()) {
      recorded.optimizer.zeroGrad();
      plain.step();

      step.replay();

      assertEquals(plain.state(), recorded.state());
    }
  }

  @Test
  void shouldAddToGradientsThatWereThere() {
    Tensor p = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    p.square().sum().backward();
    try (Recording step = Device.current().record(() -> p.square().sum().backward())) {
      assertArrayEquals(new float[] {4, 8}, p.grad().orElseThrow().toFloatArray());

      step.replay();
      step.replay();

      assertArrayEquals(new float[] {8, 16}, p.grad().orElseThrow().toFloatArray());
    }
  }

  @Test
  void shouldForgetGradientsAtTheEndOfEachReplay() {
    Tensor p = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(p), 0.5);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  p.square().sum().backward();
                  optimizer.step();
                  optimizer.zeroGrad();
                })) {
      p.assign(new float[] {4, 8});

      step.replay();

      assertTrue(p.grad().isEmpty());
      assertArrayEquals(new float[] {0, 0}, p.toFloatArray());
      p.sum().backward();
      assertThrows(IllegalStateException.class, step::replay);
      assertArrayEquals(new float[] {1, 1}, p.grad().orElseThrow().toFloatArray());
    }
  }

  @Test
  void shouldStartAgainWhereGradientsWereForgotten() {
    Tensor p = Tensor.of(new float[] {1, -2, 0}, 3).requiresGrad(true);
    p.square().sum().backward();
    try (Recording step = Device.current().record(() -> p.mul(0.5).mul(p).sum().backward())) {
      p.zeroGrad();
      p.assign(new float[] {3, -4, -0.0f});

      step.replay();

      assertEquals(Trainee.bits(Tensor.of(3, -4, -0.0f)), Trainee.bits(p.grad().orElseThrow()));
      step.replay();
      assertArrayEquals(new float[] {6, -8, -0.0f}, p.grad().orElseThrow().toFloatArray());
    }
  }

  @Test
  void shouldTakeGradientsThatWereComputedAnew() {
    Tensor p = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    Tensor scale = Tensor.of(new float[] {3, 4}, 2);
    Optimizer optimizer = new Sgd(List.of(p), 1);
    p.mul(scale).sum().backward();
    try (Recording step = Device.current().record(optimizer::step)) {
      assertArrayEquals(new float[] {-2, -2}, p.toFloatArray());
      for (int i = 1; i < 4; i++) {
        optimizer.zeroGrad();
        p.mul(scale).mul(i).sum().backward();

        step.replay();

        assertArrayEquals(new float[] {3 * i, 4 * i}, p.grad().orElseThrow().toFloatArray());
      }
      assertArrayEquals(new float[] {-2 - 3 * 6, -2 - 4 * 6}, p.toFloatArray());
    }
  }

  @Test
  void shouldRefuseToReplayWithoutTheGradientsItReads() {
    Tensor p = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    Tensor q = Tensor.of(new float[] {1, 2, 3}, 3).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(p, q), 1);
    p.sum().backward();
    try (Recording step = Device.current().record(optimizer::step)) {
      q.sum().backward();
      IllegalStateException more = assertThrows(IllegalStateException.class, step::replay);
      assertTrue(more.getMessage().contains("gradient of F32 [3]"), more.getMessage());
      assertTrue(q.grad().isPresent());

      optimizer.zeroGrad();
      IllegalStateException less = assertThrows(IllegalStateException.class, step::replay);

      assertTrue(less.getMessage().contains("gradient of F32 [2]"), less.getMessage());
      assertArrayEquals(new float[] {0, 1}, p.toFloatArray());
      assertEquals(1, optimizer.steps());
      p.sum().backward();
      step.replay();
      assertArrayEquals(new float[] {-1, 0}, p.toFloatArray());
    }
  }

  @Test
  void shouldAddToGradientsThatTheStepClipped() {
    Tensor p = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
    p.mul(10).sum().backward();
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Clipping.byValue(List.of(p), 4);
                  p.mul(3).sum().backward();
                })) {
      assertArrayEquals(new float[] {7, 7}, p.grad().orElseThrow().toFloatArray());
      p.zeroGrad();
      p.sum().backward();

      step.replay();

      assertArrayEquals(new float[] {4, 4}, p.grad().orElseThrow().toFloatArray());
      step.replay();
      assertArrayEquals(new float[] {7, 7}, p.grad().orElseThrow().toFloatArray());
    }
  }

  // ---------------------------------------------------------------- others at the same time

  @Test
  void shouldReplayBesideOtherWork() throws InterruptedException {
    Trainee plain = adam();
    Trainee recorded = adam();
    plain.load(0);
    recorded.load(0);
    AtomicReference<Throwable> failed = new AtomicReference<>();
    Tensor a = Samples.uniform(DType.F32, 1, -1, 1, 20, 20).upload();
    String expected = Trainee.bits(a.matmul(a).tanh().sum(1));
    Thread other =
        new Thread(
            () -> {
              while (!Thread.currentThread().isInterrupted()) {
                scoped(() -> assertEquals(expected, Trainee.bits(a.matmul(a).tanh().sum(1))));
              }
            });
    other.setUncaughtExceptionHandler((thread, e) -> failed.set(e));
    other.start();
    try (Recording step = recorded.record()) {
      plain.step();
      for (int i = 0; i < 30; i++) {
        plain.step();
        step.replay();
      }
    } finally {
      other.interrupt();
      other.join();
    }

    assertEquals(plain.state(), recorded.state());
    assertEquals(null, failed.get());
  }

  @Test
  void shouldTakeTurnsInSeveralThreads() throws InterruptedException {
    Tensor n = Tensor.zeros(2);
    try (Recording step = Device.current().record(() -> n.assign(n.add(1)))) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread thread =
            new Thread(
                () -> {
                  for (int j = 0; j < 25; j++) {
                    step.replay();
                  }
                });
        thread.start();
        threads.add(thread);
      }
      for (Thread thread : threads) {
        thread.join();
      }

      assertArrayEquals(new float[] {101, 101}, n.toFloatArray());
    }
  }

  @Test
  void shouldListKernelsOfReplaysInProfile() {
    Tensor a = Tensor.ones(DType.F32, 3, 5).realize();
    Tensor b = Tensor.ones(DType.F32, 5, 2).realize();
    try (Recording step = Device.current().record(() -> a.matmul(b).exp().sum());
        Profile profile = Device.current().profile()) {
      step.replay();

      assertEquals(step.kernels(), profile.runs().size(), profile.toString());
      assertEquals("matmul", profile.runs().get(0).kernel());
      assertTrue(profile.runs().get(0).nanos() > 0);
    }
  }
}
