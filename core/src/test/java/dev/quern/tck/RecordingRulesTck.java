package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Tensor;
import dev.quern.nn.Dropout;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** What recordings keep, give back and refuse; on a device that accounts for every buffer. */
abstract class RecordingRulesTck extends Tck {
  private Device before = Device.current();
  private FaultyBackend backend = new FaultyBackend(Modes.backend());

  @BeforeEach
  final void useCountingDevice() {
    before = Device.current();
    backend = new FaultyBackend(Modes.backend());
    Device.setCurrent(Device.on(backend));
  }

  @AfterEach
  final void restoreDevice() {
    Device.setCurrent(before);
  }

  private static int buffers() {
    return Device.current().memory().buffers();
  }

  // With gradients, so that a recording has to replace some.
  private static Trainee trained() {
    return trained(RecordingTck.adam());
  }

  private static Trainee trained(Trainee trainee) {
    trainee.load(0);
    scoped(trainee::step);
    return trainee;
  }

  // ---------------------------------------------------------------- memory

  @Test
  void shouldNeitherAllocateNorPlanInReplays() {
    Trainee trainee = trained();
    try (Recording step = trainee.record()) {
      long allocations = backend.allocations();
      long kernels = backend.kernels();
      int buffers = buffers();
      for (int i = 0; i < 5; i++) {
        step.replay();
      }

      assertEquals(allocations, backend.allocations());
      assertEquals(kernels + 5L * step.kernels(), backend.kernels());
      assertEquals(buffers, buffers());
    }
  }

  @Test
  void shouldRunNoMoreKernelsThanTheStep() {
    Modes.assumeDeferred();
    Trainee trainee = trained();
    long start = backend.kernels();
    scoped(() -> trainee.step().realize());
    long kernels = backend.kernels() - start;

    try (Recording step = trainee.record()) {
      assertEquals(kernels, step.kernels());
    }
  }

  @Test
  void shouldUseMemoryAgainWithinTheStep() {
    Tensor x = Tensor.ones(100).realize();
    long start = backend.allocations();
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor value = x;
                  for (int i = 0; i < 50; i++) {
                    Tensor next = value.add(1).realize();
                    if (value != x) {
                      value.close();
                    }
                    value = next;
                  }
                  return value;
                })) {
      step.replay();

      assertTrue(backend.allocations() - start <= 4, "allocations " + backend.allocations());
      assertEquals(51, step.result().toFloatArray()[99]);
    }
  }

  @Test
  void shouldGiveMemoryBackWhenClosed() {
    Trainee trainee = trained();
    int start = buffers();

    Recording step = trainee.record();
    step.replay();
    step.close();
    step.close();

    // The gradients are still there, as before.
    assertEquals(start, buffers());
    trainee.optimizer.zeroGrad();
    assertEquals(start - trainee.model.tensors().size(), buffers());
  }

  @Test
  void shouldKeepResultBeyondClose() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    int start = buffers();
    Recording step = Device.current().record(() -> x.mul(2));
    Tensor early = step.result();
    x.assign(new float[] {3, 4});
    step.replay();
    Tensor late = step.result();
    step.close();

    assertArrayEquals(new float[] {6, 8}, early.toFloatArray());
    assertArrayEquals(new float[] {6, 8}, late.add(0).toFloatArray());
    early.close();
    assertArrayEquals(new float[] {6, 8}, late.toFloatArray());
    late.close();
    assertEquals(start, buffers() - 1, "one for late.add");
  }

  @Test
  void shouldSurviveClosedTensors() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor y = Tensor.of(new float[] {3, 4}, 2);
    try (Recording step = Device.current().record(() -> y.assign(y.add(x)))) {
      x.close();
      y.close();

      step.replay();
      step.replay();

      assertArrayEquals(new float[] {6, 10}, step.result().toFloatArray());
    }
  }

  @Test
  void shouldFreeForgottenRecordings() throws InterruptedException {
    Tensor x = Tensor.ones(10).realize();
    int start = buffers();
    WeakReference<Recording> forgotten = record(x);

    for (int i = 0; i < 200 && (forgotten.get() != null || buffers() > start); i++) {
      System.gc();
      Thread.sleep(20);
    }

    assertEquals(start, buffers());
  }

  private static WeakReference<Recording> record(Tensor x) {
    AtomicReference<Recording> made = new AtomicReference<>();
    scoped(() -> made.set(Device.current().record(() -> x.add(1))));
    return new WeakReference<>(made.get());
  }

  @Test
  void shouldCloseBehindRunningKernels() {
    Tensor x = Tensor.ones(1000).realize();
    for (int i = 0; i < 20; i++) {
      Recording step = Device.current().record(() -> x.assign(x.add(1)));
      step.replay();
      step.close();
      Tensor.full(-1, 1000).realize().close();
    }

    assertEquals(41, x.toFloatArray()[500]);
  }

  // ---------------------------------------------------------------- after the end

  @Test
  void shouldRefuseUseAfterClose() {
    Tensor x = Tensor.ones(2);
    Recording step = Device.current().record(() -> x.add(1));
    step.close();

    assertThrows(IllegalStateException.class, step::replay);
    assertThrows(IllegalStateException.class, step::result);
    assertArrayEquals(new float[] {1, 1}, x.toFloatArray());
  }

  @Test
  void shouldRefuseResultOfStepWithoutOne() {
    try (Recording step = Device.current().record(() -> {})) {
      step.replay();

      assertThrows(IllegalStateException.class, step::result);
      assertEquals(0, step.kernels());
    }
  }

  @Test
  void shouldLeaveAssignableTensorsBehind() {
    Tensor x = Tensor.zeros(100);
    Device.current().record(() -> x.assign(x.add(1))).close();
    Tensor old = x.detach();

    x.assign(x.add(1));

    assertEquals(2, x.toFloatArray()[0]);
    assertEquals(1, old.toFloatArray()[0]);
  }

  // ---------------------------------------------------------------- refusals

  @TestFactory
  Stream<DynamicTest> shouldRefuseAndChangeNothing() {
    return Stream.of(
        refused("reading", "read", () -> Tensor.ones(2).add(1).toFloatArray()),
        refused("reading a scalar", "read", () -> Tensor.ones(2).sum().item()),
        refused("printing", "read", () -> assertEquals("", Tensor.ones(2).toString())),
        refused("an array", "of", () -> Tensor.of(1f, 2f)),
        refused("assigning an array", "assign", () -> Tensor.ones(2).assign(new float[2])),
        refused("random numbers", "random", () -> Tensor.randn(3)),
        refused("random integers", "random", () -> Tensor.randint(0, 3, 3)),
        refused("dropout", "random", () -> new Dropout(0.5).forward(Tensor.ones(2))),
        refused("another device", "device", () -> onOtherDevice(Tensor::realize)),
        refused("a copy to another device", "read", () -> Tensor.ones(2).to(other())),
        refused("a nested recording", "record", () -> Device.current().record(() -> {})),
        refused(
            "what the step throws",
            "by the step",
            () -> {
              throw new IllegalStateException("by the step");
            }));
  }

  private static Device other() {
    return Device.on(new FaultyBackend(Modes.backend()));
  }

  /** What the test does with a tensor. */
  private interface Use {
    void of(Tensor tensor);
  }

  private static void onOtherDevice(Use use) {
    Device here = Device.current();
    Device.setCurrent(other());
    try {
      use.of(Tensor.ones(2));
    } finally {
      Device.setCurrent(here);
    }
  }

  // Refused after a whole step, when much would have to be put back.
  private DynamicTest refused(String name, String op, Runnable body) {
    return test(
        name,
        () -> {
          Trainee trainee = trained();
          Trainee plain = trained();
          List<String> state = trainee.state();
          int start = buffers();

          IllegalStateException e =
              assertThrows(
                  IllegalStateException.class,
                  () ->
                      Device.current()
                          .record(
                              () -> {
                                trainee.step();
                                trainee.step();
                                body.run();
                              }));

          assertTrue(e.getMessage().contains(op), e.getMessage());
          assertEquals(start, buffers());
          assertEquals(state, trainee.state());
          scoped(trainee::step);
          scoped(plain::step);
          assertEquals(plain.state(), trainee.state());
        });
  }

  @Test
  void shouldRefuseEvenIfTheStepCatches() {
    Tensor x = Tensor.ones(2);

    assertThrows(
        IllegalStateException.class,
        () ->
            Device.current()
                .record(
                    () -> {
                      x.assign(x.add(1));
                      try {
                        x.toFloatArray();
                      } catch (IllegalStateException e) {
                        assertTrue(e.getMessage().contains("read"), e.getMessage());
                      }
                    }));

    assertArrayEquals(new float[] {1, 1}, x.toFloatArray());
  }

  @Test
  void shouldRefuseGradientThatWouldGrow() {
    Tensor p = Tensor.ones(2).requiresGrad(true);

    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () -> Device.current().record(() -> p.square().sum().backward()));

    assertTrue(e.getMessage().contains("zeroGrad"), e.getMessage());
    assertTrue(p.grad().isEmpty());
  }

  @Test
  void shouldRefuseValuesOfAnotherThread() {
    Modes.assumeDeferred();
    Tensor x = Tensor.ones(2).realize();

    IllegalStateException e =
        assertThrows(
            IllegalStateException.class,
            () ->
                Device.current()
                    .record(
                        () -> {
                          Tensor half = x.add(1);
                          Thread thread = new Thread(half::realize);
                          thread.start();
                          join(thread);
                          return half.mul(2);
                        }));

    assertTrue(e.getMessage().contains("another thread"), e.getMessage());
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void shouldRefuseReplayWhileRecording() {
    Tensor x = Tensor.ones(2);
    try (Recording step = Device.current().record(() -> x.add(1))) {
      assertThrows(
          IllegalStateException.class,
          () ->
              Device.current()
                  .record(
                      () -> {
                        step.replay();
                      }));
      step.replay();
    }
  }

  @Test
  void shouldRefuseNumbersOfOtherTypes() {
    assertThrows(
        IllegalArgumentException.class, () -> Recording.numbers(DType.I64, () -> new double[] {1}));
  }

  // ---------------------------------------------------------------- failures

  @Test
  void shouldRecoverFromFailedAllocationAnywhere() {
    Trainee plain = trained(RecordingTck.regression());
    Trainee counted = trained(RecordingTck.regression());
    long start = backend.allocations();
    counted.record().close();
    long allocations = backend.allocations() - start;
    scoped(plain::step);
    for (long n = 1; n <= allocations; n++) {
      Trainee trainee = trained(RecordingTck.regression());
      List<String> state = trainee.state();
      int buffers = buffers();
      backend.fail(n, Long.MAX_VALUE);

      assertThrows(BackendException.class, trainee::record);

      backend.heal();
      assertEquals(buffers, buffers(), "failure at allocation " + n);
      assertEquals(state, trainee.state(), "failure at allocation " + n);
      try (Recording step = trainee.record()) {
        assertEquals(plain.state(), trainee.state(), "failure at allocation " + n);
        assertTrue(step.kernels() > 0);
      }
    }
  }

  @Test
  void shouldReportIndicesOutOfRange() {
    Device.setCurrent(before);
    Tensor table = Tensor.arange(0.0, 8.0, 1.0).reshape(4, 2);
    Tensor index = Tensor.of(new long[] {1, 3}, 2);
    Tensor p = Tensor.ones(2).requiresGrad(true);
    Optimizer optimizer = new Sgd(List.of(p), 0.5);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  optimizer.zeroGrad();
                  Tensor rows = table.indexSelect(0, index);
                  rows.mul(p).sum().backward();
                  optimizer.step();
                  return rows;
                })) {
      for (int i = 0; i < 3; i++) {
        index.assign(new long[] {0, 4});

        IndexOutOfBoundsException e =
            assertThrows(
                IndexOutOfBoundsException.class,
                () -> {
                  step.replay();
                  step.result().toFloatArray();
                });

        assertTrue(e.getMessage().contains("indexSelect: index 4"), e.getMessage());
        index.assign(new long[] {2, 0});
        step.replay();
        assertArrayEquals(new float[] {4, 5, 0, 1}, step.result().reshape(4).toFloatArray());
      }
    }
  }

  @Test
  void shouldRepeatNothingThatFailedOnTheHost() {
    Trainee trainee = trained();
    boolean[] fail = {false};
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor loss = trainee.step();
                  return loss.add(
                      Recording.numbers(
                          DType.F32,
                          () -> {
                            if (fail[0]) {
                              throw new ArithmeticException("no number");
                            }
                            return new double[] {0};
                          }));
                })) {
      List<String> state = trainee.state();
      fail[0] = true;

      assertThrows(ArithmeticException.class, step::replay);

      assertEquals(state, trainee.state());
      fail[0] = false;
      step.replay();
      assertFalse(state.equals(trainee.state()));
    }
  }

  @Test
  void shouldComputeWhatIsPendingEvenIfItFailedOnce() {
    Modes.assumeDeferred();
    Tensor x = Tensor.full(1, 2000).realize();
    try (Recording step = Device.current().record(() -> x.assign(x.add(1)))) {
      Tensor first = x.mul(10);
      Tensor second = x.mul(100);
      Tensor view = x.reshape(2, 1000);
      backend.fail(2, Long.MAX_VALUE);
      assertThrows(BackendException.class, step::replay);
      backend.heal();
      assertEquals(2, x.toFloatArray()[0]);

      step.replay();

      assertEquals(3, x.toFloatArray()[0]);
      assertEquals(20, first.toFloatArray()[0]);
      assertEquals(200, second.toFloatArray()[0]);
      assertEquals(2, view.get(0, 0).item());
    }
  }

  @Test
  void shouldSettleTensorsEvenIfItFailedOnce() {
    Tensor x = Tensor.full(1, 2000).realize();
    Tensor same = x.detach();
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  backend.fail(1, Long.MAX_VALUE);
                  assertThrows(BackendException.class, x::realize);
                  backend.heal();
                  x.assign(x.add(1));
                })) {
      step.replay();

      assertEquals(3, x.toFloatArray()[0]);
      assertEquals(1, same.toFloatArray()[0]);
    }
  }

  @Test
  void shouldRecordInSeveralThreads() throws InterruptedException {
    List<Throwable> failed = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      Thread thread =
          new Thread(
              () ->
                  scoped(
                      () -> {
                        Tensor n = Tensor.zeros(3);
                        try (Recording step = Device.current().record(() -> n.assign(n.add(1)))) {
                          for (int j = 0; j < 20; j++) {
                            step.replay();
                          }
                          assertArrayEquals(new float[] {21, 21, 21}, n.toFloatArray());
                        }
                      }));
      thread.setUncaughtExceptionHandler(
          (t, e) -> {
            synchronized (failed) {
              failed.add(e);
            }
          });
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }

    assertEquals(List.of(), failed);
  }
}
