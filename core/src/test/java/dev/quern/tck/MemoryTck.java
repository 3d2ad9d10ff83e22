package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.MemoryStats;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Scopes, closing, and that memory comes back. */
abstract class MemoryTck extends Tck {
  /** Large enough that the CPU accounts for it. */
  private static final int LARGE = 4096;

  @Test
  void shouldCloseWhatWasMadeInside() {
    List<Tensor> made = new ArrayList<>();
    scoped(
        () -> {
          made.add(Tensor.ones(2));
          made.add(made.get(0).add(1));
          made.add(made.get(1).sum());
        });

    made.forEach(t -> assertTrue(t.isClosed()));
  }

  @Test
  void shouldLeaveOutsideTensorsAlone() {
    Tensor outside = Tensor.ones(2);
    scoped(() -> outside.add(1).realize());

    assertFalse(outside.isClosed());
    assertArrayEquals(new float[] {1, 1}, outside.toFloatArray());
  }

  @Test
  void shouldMoveKeptTensorOut() {
    Scope outer = Scope.open();
    Tensor kept;
    try (outer) {
      Scope inner = Scope.open();
      try (inner) {
        kept = inner.keep(Tensor.of(new float[] {1, 2}, 2).mul(2));
      }

      assertArrayEquals(new float[] {2, 4}, kept.toFloatArray());
    }

    assertTrue(kept.isClosed());
  }

  @Test
  void shouldKeepTensorOfOuterScopeWhereItIs() {
    Tensor outside = Tensor.ones(2);
    Scope inner = Scope.open();
    try (inner) {
      inner.keep(outside);
    }

    assertFalse(outside.isClosed());
  }

  @Test
  void shouldKeepWithoutHoldingInputs() {
    MemoryStats before = Device.current().memory();
    Scope scope = Scope.open();
    Tensor kept;
    try (scope) {
      Tensor large = Tensor.ones(LARGE, 100).realize();
      kept = scope.keep(large.sum());
    }

    long held = Device.current().memory().inUse() - before.inUse();
    assertTrue(held <= kept.dtype().bytes(), "held " + held);
    assertEquals(LARGE * 100, kept.item(), 0);
  }

  @Test
  void shouldCloseScopeTwice() {
    Scope scope = Scope.open();
    scope.close();
    scope.close();

    assertThrows(IllegalStateException.class, () -> scope.keep(Tensor.ones(1)));
  }

  @Test
  void shouldRefuseClosingAroundOpenScope() {
    Scope outer = Scope.open();
    Scope inner = Scope.open();

    assertThrows(IllegalStateException.class, outer::close);

    inner.close();
    outer.close();
  }

  @Test
  void shouldRefuseClosingFromAnotherThread() throws InterruptedException {
    Scope scope = Scope.open();
    List<Throwable> thrown = new ArrayList<>();
    Thread thread =
        new Thread(() -> thrown.add(assertThrows(IllegalStateException.class, scope::close)));
    thread.start();
    thread.join();

    assertEquals(1, thrown.size());
    scope.close();
  }

  @Test
  void shouldNotCollectTensorsOfOtherThreads() throws InterruptedException {
    List<Tensor> made = new ArrayList<>();
    Scope scope = Scope.open();
    try (scope) {
      Thread thread = new Thread(() -> made.add(Tensor.ones(2)));
      thread.start();
      thread.join();
    }

    assertFalse(made.get(0).isClosed());
    made.get(0).close();
  }

  @Test
  void shouldCloseTensorTwice() {
    Tensor x = Tensor.ones(2);
    x.close();
    x.close();

    assertTrue(x.isClosed());
    assertThrows(IllegalStateException.class, x::toFloatArray);
  }

  @Test
  void shouldNotHarmOthersByClosing() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor view = x.transpose();
    Tensor same = x.detach();
    Tensor deferred = x.add(1);
    x.close();

    assertArrayEquals(new float[] {1, 3, 2, 4}, view.toFloatArray());
    assertArrayEquals(new float[] {1, 2, 3, 4}, same.toFloatArray());
    assertArrayEquals(new float[] {2, 3, 4, 5}, deferred.toFloatArray());
  }

  @Test
  void shouldCloseManyInAnyOrder() {
    List<Tensor> made = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      made.add(Tensor.ones(2).add(i));
    }
    Collections.shuffle(made, new Random(1));
    made.subList(0, 1500).forEach(Tensor::close);

    assertEquals(2, made.get(1999).shape().dim(0));
    assertFalse(made.get(1600).isClosed());
  }

  @Test
  void shouldReturnMemoryAfterScope() {
    MemoryStats before = Device.current().memory();
    scoped(
        () -> {
          everything(Tensor.ones(64, LARGE / 64));
          assertTrue(Device.current().memory().inUse() > before.inUse());
        });
    MemoryStats after = Device.current().memory();

    assertEquals(before.inUse(), after.inUse());
    assertEquals(before.buffers(), after.buffers());
    assertTrue(after.peak() >= after.inUse());
  }

  @Test
  void shouldReturnEveryBufferOfEveryOperation() {
    onCountingDevice(
        device -> {
          scoped(() -> everything(Tensor.rand(6, 6)));

          assertEquals(0, device.memory().buffers());
          assertEquals(0, device.memory().inUse());
        });
  }

  private static void everything(Tensor x) {
    Tensor weight = x.detach().requiresGrad(true);
    Tensor square = weight.slice(0, 0, 6).slice(1, 0, 6);
    Tensor y = square.matmul(square.transpose()).add(square.get(0)).relu();
    y = y.softmax(1).add(y.logSoftmax(0)).mul(y.sum(1, true)).clamp(-3, 3);
    y = Tensor.concat(0, y, y.flip(0)).slice(0, 2, 8).reshape(6, 6).permute(1, 0);
    y = y.gather(1, Tensor.of(new long[] {1, 0}, 1, 2).broadcastTo(6, 2));
    y = y.indexSelect(0, Tensor.of(new int[] {1, 1, 0}, 3));
    y = Tensor.where(y.gt(0), y, y.exp()).sub(y.max(0)).add(y.min()).add(y.logSumExp(0));
    Tensor loss = y.var().add(y.mean()).add(Tensor.einsum("ij,ij->", y, y));
    loss.backward();
    weight.assign(weight.sub(weight.grad().orElseThrow()));
    y.argmax(0).realize();
    weight.toFloatArray();
  }

  @Test
  void shouldNotKeepMemoryOfUnreadChain() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.of(new float[] {1, 2}, 2);
          Tensor y = x;
          List<Tensor> steps = new ArrayList<>();
          for (int i = 0; i < 100; i++) {
            y = y.exp();
            steps.add(y);
          }
          steps.forEach(Tensor::close);
          x.close();

          assertEquals(0, device.memory().buffers());
        });
  }

  @Test
  void shouldFreeInputsOfComputedChain() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.of(new float[] {1, 2}, 2);
          Tensor step = x.exp();
          Tensor y = step.add(1);
          x.close();
          step.close();
          y.realize();

          assertEquals(1, device.memory().buffers());
        });
  }

  @Test
  void shouldFreeGraphAfterBackward() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
          Scope scope = Scope.open();
          try (scope) {
            x.exp().square().mul(x).sum().backward();
          }
          x.grad().orElseThrow().realize();

          assertEquals(2, device.memory().buffers());
          x.close();
          assertEquals(0, device.memory().buffers());
        });
  }

  @Test
  void shouldFreeGraphThatNobodyWalks() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
          scoped(() -> x.exp().matmul(x).tanh().realize());

          assertEquals(1, device.memory().buffers());
        });
  }

  @Test
  void shouldFreeGraphThatNobodyWalksWithoutScope() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
          Tensor y = x.exp();
          Tensor z = y.square().realize();
          y.close();
          z.close();
          x.close();

          assertEquals(0, device.memory().buffers());
        });
  }

  @Test
  void shouldNotLeakGradientOfClosedLeaf() {
    onCountingDevice(
        device -> {
          scoped(
              () -> {
                Tensor x = Tensor.of(new float[] {1, 2}, 2).requiresGrad(true);
                Tensor loss = x.square().sum();
                x.close();
                loss.backward();
              });

          assertEquals(0, device.memory().buffers());
        });
  }

  @Test
  void shouldNotLeakWhenAnOperationIsRefused() {
    onCountingDevice(
        device -> {
          Tensor x = Tensor.ones(2, 3).realize();
          scoped(
              () -> {
                for (int i = 0; i < 10; i++) {
                  assertThrows(IllegalArgumentException.class, () -> x.add(1).matmul(x));
                  assertThrows(IllegalArgumentException.class, () -> x.add(Tensor.ones(4)));
                  assertThrows(IllegalArgumentException.class, () -> x.reshape(5));
                  assertThrows(
                      IndexOutOfBoundsException.class,
                      () -> x.gather(1, Tensor.of(new long[] {9}, 1, 1)).toFloatArray());
                }
              });

          assertEquals(1, device.memory().buffers());
        });
  }

  @Test
  void shouldFreeUnclosedTensorsByCollector() throws InterruptedException {
    Device device = Device.current();
    long before = device.memory().inUse();
    Thread thread =
        new Thread(
            () -> {
              for (int i = 0; i < 20; i++) {
                Tensor.ones(LARGE).add(i).realize();
              }
            });
    thread.start();
    thread.join();

    for (int i = 0; i < 100 && device.memory().inUse() > before; i++) {
      System.gc();
      Thread.sleep(20);
    }

    assertEquals(before, device.memory().inUse());
  }

  @Test
  void shouldNotGrowOverTrainingSteps() {
    Device device = Device.current();
    Generator generator = new Generator(3);
    Linear hidden = new Linear(8, 128, dev.quern.nn.Init.HE, generator, DType.F32);
    Linear last = new Linear(128, 8, dev.quern.nn.Init.HE, generator, DType.F32);
    Module model = new Sequential(hidden, Module.of(Tensor::relu), last);
    Optimizer optimizer = new Adam(model.tensors(), 1e-3);
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 4, 8).upload();
    Tensor y = Samples.indices(DType.I64, 2, 0, 8, 4).upload();
    double first = train(model, optimizer, x, y, 100);
    System.gc();
    MemoryStats early = device.memory();
    long heapEarly = heap();

    double end = train(model, optimizer, x, y, 9_900);

    MemoryStats late = device.memory();
    assertTrue(end < first, first + " to " + end);
    assertEquals(early.inUse(), late.inUse());
    assertEquals(early.buffers(), late.buffers());
    assertEquals(early.peak(), late.peak());
    // What works in the background makes garbage too, while one looks.
    long grown = heap() - heapEarly;
    for (int i = 0; i < 20 && grown >= 8 << 20; i++) {
      grown = Math.min(grown, heap() - heapEarly);
    }
    assertTrue(grown < 8 << 20, "heap grew by " + grown + " bytes");
  }

  private static double train(Module model, Optimizer optimizer, Tensor x, Tensor y, int steps) {
    double[] loss = new double[1];
    for (int i = 0; i < steps; i++) {
      boolean last = i == steps - 1;
      scoped(
          () -> {
            Tensor cost = Losses.crossEntropy(model.forward(x), y);
            optimizer.zeroGrad();
            cost.backward();
            optimizer.step();
            if (last) {
              loss[0] = cost.item();
            }
          });
    }
    return loss[0];
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void shouldKeepBufferCountOverTrainingSteps() {
    onCountingDevice(
        device -> {
          Linear layer = new Linear(Tensor.ones(5, 3).realize(), Tensor.zeros(3).realize());
          Optimizer optimizer = new Sgd(layer.tensors(), 0.1, 0.9, true, 0.01);
          Tensor x = Tensor.randn(4, 5).realize();
          Tensor y = Tensor.randn(4, 3).realize();
          int buffers = 0;
          for (int i = 0; i < 50; i++) {
            scoped(
                () -> {
                  optimizer.zeroGrad();
                  Losses.squaredError(layer.forward(x), y).backward();
                  optimizer.step();
                });
            optimizer.zeroGrad();
            if (i == 5) {
              buffers = device.memory().buffers();
            }
          }

          assertEquals(buffers, device.memory().buffers());
          // Two parameters with one velocity each, and the data.
          assertEquals(6, buffers);
        });
  }

  /** What runs on a device that accounts for every buffer. */
  private interface Body {
    void run(Device device);
  }

  private static void onCountingDevice(Body body) {
    Device before = Device.current();
    Device device = Device.on(new FaultyBackend(Modes.backend()));
    Device.setCurrent(device);
    try {
      scoped(() -> body.run(device));
    } finally {
      Device.setCurrent(before);
    }
  }

  @Test
  void shouldKeepTensorOfAnInnerScopeBeyondTheOuterOne() {
    Tensor kept;
    try (Scope outer = Scope.open()) {
      try (Scope inner = Scope.open()) {
        kept = outer.keep(Tensor.of(3f).mul(2));
        assertFalse(inner.keep(kept).isClosed());
      }
      assertFalse(kept.isClosed());
    }

    assertEquals(6, kept.item());
    kept.close();
  }
}
