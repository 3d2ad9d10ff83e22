package dev.quern.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Precision;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.kernels.Counters;
import dev.quern.kernels.GpuBackend;
import dev.quern.kernels.Grid;
import dev.quern.kernels.KernelKey;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import dev.quern.random.Generator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tensors on a CUDA device that is opened, limited, broken and closed by the test. */
final class CudaDeviceTest {
  private static final long RESULT_BYTES = 32 * 32 * 4;

  private Device before = Device.current();

  @BeforeEach
  void rememberDevice() {
    before = Device.current();
  }

  @AfterEach
  void restoreDevice() {
    Device.setCurrent(before);
  }

  /** A small classifier, its optimizer and its data on the current device. */
  private static final class Training {
    final Tensor x = Tensor.rand(20, 6).realize();
    final Tensor labels = Tensor.zeros(DType.I64, 20).realize();
    final Sequential model =
        new Sequential(new Linear(6, 5), Module.of(Tensor::relu), new Linear(5, 3));
    final Adam optimizer = new Adam(model.tensors(), 0.01);

    Tensor step() {
      Tensor loss =
          Losses.crossEntropy(model.forward(x), labels).add(Losses.l2(1e-3, model.weights()));
      optimizer.zeroGrad();
      loss.backward();
      optimizer.step();
      return loss;
    }
  }

  @Test
  void shouldMoveNothingInATrainingStepButWhatIsRead() {
    CudaDriver driver = new CudaDriver(Required.device());
    try (GpuBackend backend = new GpuBackend(driver)) {
      Device.setCurrent(Device.on(backend));
      Training training = new Training();
      training.step();

      Counters start = driver.counters();
      try (Scope scope = Scope.open()) {
        Tensor loss = training.step();
        Counters trained = driver.counters();
        loss.item();
        Counters read = driver.counters();

        assertEquals(start.uploads(), trained.uploads(), "uploads");
        assertEquals(start.downloads(), trained.downloads(), "downloads");
        assertTrue(trained.launches() > start.launches(), "launches");
        // The loss, and before it whether an index was out of range.
        assertEquals(2, read.downloads() - trained.downloads(), "downloads for the loss");
      }
    }
  }

  @Test
  void shouldAllocateNothingInWarmProducts() {
    CudaDriver driver = new CudaDriver(Required.device());
    try (GpuBackend backend = new GpuBackend(driver)) {
      Device.setCurrent(Device.on(backend));
      Tensor a = Tensor.rand(20, 2001).realize();
      Tensor b = Tensor.rand(2001, 21).realize();
      Tensor row = Tensor.rand(1, 2001).realize();
      Tensor halves = a.cast(DType.F16).realize();
      // Each is cut along K, and the last two have operands copied for tensor cores.
      List<Supplier<Tensor>> products =
          List.of(
              () -> a.matmul(b),
              () -> row.matmul(b),
              () -> a.matmul(b, Precision.TF32),
              () -> halves.matmul(b.cast(DType.F16)));
      Runnable all = () -> scoped(() -> products.forEach(product -> product.get().realize()));
      all.run();

      Counters warm = driver.counters();
      all.run();
      Counters again = driver.counters();

      assertTrue(again.launches() - warm.launches() >= 2L * products.size(), "scratch memory");
      assertEquals(warm.allocations(), again.allocations());
    }
  }

  // Memory for the product of a [32, 8192] and a [8192, 32], and so much more.
  private static CudaDevice holding(long more) {
    return CudaDriverTest.with(2L * 32 * 8192 * 4 + RESULT_BYTES + more);
  }

  @Test
  void shouldGiveUpCachesForScratchMemory() {
    // K is cut into at most 32 parts.
    long cached = 32 * RESULT_BYTES;
    try (GpuBackend backend = new GpuBackend(new CudaDriver(holding(cached)))) {
      Device.setCurrent(Device.on(backend));
      Tensor a = Tensor.ones(32, 8192).realize();
      Tensor b = Tensor.ones(8192, 32).realize();
      Tensor.ones(cached / 4).realize().close();

      float[] product = a.matmul(b).toFloatArray();

      assertEquals(8192, product[0], 0);
    }
  }

  @Test
  void shouldSayThatThereIsNoScratchMemory() {
    try (GpuBackend backend = new GpuBackend(new CudaDriver(holding(0)))) {
      Device.setCurrent(Device.on(backend));
      Tensor a = Tensor.ones(32, 8192).realize();
      Tensor b = Tensor.ones(8192, 32).realize();

      String failure =
          assertThrows(BackendException.class, () -> a.matmul(b).realize()).getMessage();

      assertTrue(
          failure.matches(
              ".*cuda:0: out of memory: requested \\d+ bytes of scratch memory, free 0 of"
                  + " 2101248 bytes"),
          failure);
    }
  }

  private static void scoped(Runnable work) {
    try (Scope scope = Scope.open()) {
      work.run();
    }
  }

  @Test
  void shouldTrainAsTheCpuDoes() {
    double[] losses = new double[2];
    try (GpuBackend backend = new GpuBackend(new CudaDriver(Required.device()))) {
      Device[] devices = {Device.of("cpu"), Device.on(backend)};
      for (int d = 0; d < 2; d++) {
        Device.setCurrent(devices[d]);
        Generator.seedGlobal(3);
        Training training = new Training();
        for (int step = 0; step < 20; step++) {
          losses[d] = training.step().item();
        }
      }
    }

    // Sums and products add in another order.
    assertEquals(losses[0], losses[1], 1e-5 * losses[0]);
  }

  @Test
  void shouldGoOnAfterMemoryRanOut() {
    CudaDevice small = CudaDriverTest.with(1 << 20);
    try (GpuBackend backend = new GpuBackend(new CudaDriver(small))) {
      Device.setCurrent(Device.on(backend));
      Tensor kept = Tensor.ones(1000).realize();
      Tensor large = Tensor.ones(1 << 20);

      BackendException failure = assertThrows(BackendException.class, large::realize);

      assertTrue(failure.getMessage().contains("out of memory"), failure.getMessage());
      assertTrue(failure.getMessage().contains("requested 4194304"), failure.getMessage());
      assertEquals(2000, kept.add(1).sum().item(), 0);
    }
  }

  @Test
  void shouldRefuseWorkOnceClosedAndLeaveOtherDevicesAlone() {
    GpuBackend backend = new GpuBackend(new CudaDriver(Required.device()));
    Device.setCurrent(Device.on(backend));
    Tensor stored = Tensor.of(new float[] {1, 2}, 2);
    Tensor pending = stored.add(1);
    backend.close();

    IllegalStateException refusal =
        assertThrows(IllegalStateException.class, pending::toFloatArray);
    stored.close();
    backend.close();
    Device.setCurrent(Device.of("cpu"));

    assertTrue(refusal.getMessage().contains("is closed"), refusal.getMessage());
    assertArrayEquals(new float[] {2, 3}, Tensor.of(new float[] {1, 2}, 2).add(1).toFloatArray());
  }

  @Test
  void shouldRefuseReplaysOnceClosed() {
    GpuBackend backend = new GpuBackend(new CudaDriver(Required.device()));
    Device.setCurrent(Device.on(backend));
    Tensor n = Tensor.of(new float[] {1, 2}, 2);
    Tensor index = Tensor.of(new long[] {1, 0}, 2);
    Recording step = Device.current().record(() -> n.assign(n.gather(0, index).add(1)));
    step.replay();
    backend.close();

    IllegalStateException refusal = assertThrows(IllegalStateException.class, step::replay);
    step.close();
    n.close();
    Device.setCurrent(Device.of("cpu"));

    assertTrue(refusal.getMessage().contains("is closed"), refusal.getMessage());
  }

  @Test
  void shouldCloseTensorsOfALostContextAndLeaveOtherDevicesAlone() {
    Required.emulator();
    CudaDriver driver = new CudaDriver(Required.device());
    GpuBackend backend = new GpuBackend(driver);
    Device.setCurrent(Device.on(backend));
    Tensor stored = Tensor.of(new float[] {1, 2}, 2);
    Tensor index = Tensor.of(new long[] {1, 0}, 2);
    Recording step = Device.current().record(() -> stored.gather(0, index));
    step.replay();
    CudaBlock block = (CudaBlock) driver.allocate(256);
    CudaBlock[] blocks = {block, block};
    KernelKey key = new KernelKey("drivertest", "scale", new TreeMap<>());
    driver.launch(driver.kernel(key), Grid.of(1, 32), blocks, new long[] {1 << 22, 0});

    String first = assertThrows(BackendException.class, stored::toFloatArray).getMessage();
    String second =
        assertThrows(BackendException.class, () -> stored.add(1).realize()).getMessage();
    assertThrows(BackendException.class, step::replay);
    step.close();
    stored.close();
    backend.close();
    Device.setCurrent(Device.of("cpu"));

    assertTrue(first.contains("CUDA_ERROR_ILLEGAL_ADDRESS (700)"), first);
    assertTrue(second.contains("the device's context is lost"), second);
    assertArrayEquals(new float[] {2, 3}, Tensor.of(new float[] {1, 2}, 2).add(1).toFloatArray());
  }
}
