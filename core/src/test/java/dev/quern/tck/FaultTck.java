package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Allocations that fail: one after the other, until a whole training step gets through. */
abstract class FaultTck extends Tck {
  private static final int MOST = 200;

  private Device before = Device.current();
  private FaultyBackend backend = new FaultyBackend(Modes.backend());

  @BeforeEach
  final void useFaultyDevice() {
    before = Device.current();
    backend = new FaultyBackend(Modes.backend());
    Device.setCurrent(Device.on(backend));
  }

  @AfterEach
  final void restoreDevice() {
    Device.setCurrent(before);
  }

  /** A small model with everything a step needs. */
  private static final class Training {
    private final Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 6, 4).upload();
    private final Tensor y = Tensor.of(new int[] {0, 2, 1, 1, 0, 2}, 6);
    private final Module model =
        new Sequential(layer(2, 4, 5), Module.of(Tensor::relu), layer(3, 5, 3));
    private final Optimizer optimizer = new Adam(model.tensors(), 0.1);

    Training() {
      // The optimizer's state is there once a step was made.
      step();
      optimizer.zeroGrad();
    }

    private static Linear layer(long seed, long in, long out) {
      Tensor weight = Samples.uniform(DType.F32, seed, -1, 1, in, out).upload();
      return new Linear(weight, Tensor.zeros(out).realize());
    }

    void backward() {
      scoped(
          () ->
              Losses.crossEntropy(model.forward(x), y)
                  .add(Losses.l2(0.1, model.weights()))
                  .backward());
    }

    void step() {
      backward();
      optimizer.step();
    }

    List<Values> parameters() {
      List<Values> out = new ArrayList<>();
      model.tensors().forEach(t -> out.add(Values.read(t)));
      return out;
    }
  }

  private static void checkParameters(String what, List<Values> expected, Training training) {
    List<Values> actual = training.parameters();
    for (int i = 0; i < expected.size(); i++) {
      Expect.same(what + ", parameter " + i, expected.get(i), actual.get(i));
    }
  }

  @Test
  void shouldRecoverFromOneFailureAnywhere() {
    Training training = new Training();
    training.step();
    List<Values> expected = training.parameters();
    long allocations = countStep(new Training());
    assertTrue(allocations > 5, "allocations " + allocations);

    for (long n = 1; n <= allocations; n++) {
      Training again = new Training();
      backend.fail(n, 1);
      again.step();
      backend.heal();

      checkParameters("failure at allocation " + n, expected, again);
    }
  }

  private long countStep(Training training) {
    long start = backend.allocations();
    training.step();
    return backend.allocations() - start;
  }

  @Test
  void shouldLeakNothingWhenMemoryStaysOut() {
    Device device = Device.current();
    Training training = new Training();
    int buffers = device.memory().buffers();
    long bytes = device.memory().inUse();
    int failures = 0;
    while (!stepWithFailure(training::step, failures + 1)) {
      failures++;
      training.optimizer.zeroGrad();

      assertEquals(buffers, device.memory().buffers(), "buffers after failure " + failures);
      assertEquals(bytes, device.memory().inUse(), "bytes after failure " + failures);
      scoped(() -> assertEquals(6, Tensor.ones(6).add(0).realize().sum().item(), 0));
    }

    assertTrue(failures > 5, "failures " + failures);
  }

  @Test
  void shouldChangeNoParameterWhenOptimizerFails() {
    Training expected = new Training();
    expected.step();
    Training training = new Training();
    List<Values> old = training.parameters();
    training.backward();
    int failures = 0;
    while (!stepWithFailure(training.optimizer::step, failures + 1)) {
      failures++;

      // All or nothing: whoever frees memory may try the same step again.
      checkParameters("after failure at allocation " + failures, old, training);
    }

    checkParameters("the step that got through", expected.parameters(), training);
  }

  /** Runs a step whose n-th allocation and all later ones fail; returns whether it got through. */
  private boolean stepWithFailure(Runnable step, int n) {
    assertTrue(n < MOST, "no step got through");
    backend.fail(n, Long.MAX_VALUE);
    try {
      step.run();
      return true;
    } catch (RuntimeException e) {
      checkError(n, e);
      return false;
    } finally {
      backend.heal();
    }
  }

  private static void checkError(int n, RuntimeException e) {
    assertInstanceOf(BackendException.class, e, "failure at allocation " + n);
    String message = String.valueOf(e.getMessage());
    assertTrue(
        message.contains("out of memory")
            && message.contains("requested")
            && message.contains("injected"),
        message);
    assertInstanceOf(OutOfDeviceMemoryException.class, e.getCause());
  }

  @Test
  void shouldLeaveEveryOperationUsable() {
    Device device = Device.current();
    Values values = Samples.uniform(DType.F32, 1, 0.1, 1, 4, 4);
    List<Runnable> operations = new ArrayList<>();
    Tensor x = values.upload();
    Tensor index = Tensor.of(new long[] {0, 1, 2, 3}, 4, 1);
    operations.add(() -> Tensor.of(new float[] {1, 2}, 2));
    operations.add(() -> Tensor.ones(3).realize());
    operations.add(() -> Tensor.rand(3));
    operations.add(() -> x.exp().add(1).realize());
    operations.add(() -> x.exp().sum().realize());
    operations.add(() -> x.transpose().flatten());
    operations.add(() -> x.transpose().contiguous());
    operations.add(() -> x.transpose().toFloatArray());
    operations.add(() -> x.toDoubleArray());
    operations.add(() -> x.matmul(x.neg()).add(x).relu().realize());
    operations.add(() -> x.neg().softmax(0));
    operations.add(() -> x.neg().argmax(0));
    operations.add(() -> Tensor.concat(0, x, x.neg()));
    operations.add(() -> x.neg().gather(1, index));
    operations.add(() -> x.detach().assign(x.get(0)));
    operations.add(
        () -> {
          Tensor leaf = x.detach().requiresGrad(true);
          leaf.gather(1, index).add(leaf.slice(0, 0, 1)).square().sum().backward();
        });
    for (int i = 0; i < operations.size(); i++) {
      checkEveryFailure(device, "operation " + i, operations.get(i));
    }

    Expect.same(values, x);
  }

  private void checkEveryFailure(Device device, String what, Runnable operation) {
    int buffers = device.memory().buffers();
    for (int n = 1; n < MOST; n++) {
      backend.fail(n, Long.MAX_VALUE);
      boolean failed = false;
      try {
        scoped(operation);
      } catch (BackendException e) {
        failed = true;
      }
      backend.heal();

      assertEquals(buffers, device.memory().buffers(), what + ", failure at allocation " + n);
      if (!failed) {
        return;
      }
    }
    throw new AssertionError(what + " never completed");
  }

  @Test
  void shouldComputeDeferredValueAfterFailure() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor y = x.add(1).mul(2);
    Tensor z = y.sub(x);
    backend.fail(1, Long.MAX_VALUE);
    boolean failed = false;
    try {
      z.realize();
    } catch (BackendException e) {
      failed = true;
    }
    backend.heal();

    assertArrayEquals(new float[] {3, 4}, z.toFloatArray());
    assertArrayEquals(new float[] {4, 6}, y.toFloatArray());
    if (!failed) {
      Modes.assumeDeferred();
    }
    assertTrue(failed);
  }

  @Test
  void shouldNameLargestHolders() {
    Tensor x = Tensor.ones(1000).realize();
    backend.fail(1, Long.MAX_VALUE);
    String message = "";
    try {
      x.add(1).realize();
    } catch (BackendException e) {
      message = String.valueOf(e.getMessage());
    }
    backend.heal();

    assertTrue(message.contains("requested 4000 bytes"), message);
    assertTrue(message.contains("4000 bytes for F32 x 1000, fill [1000]"), message);
    assertTrue(message.startsWith("add [1000]"), message);
  }
}
