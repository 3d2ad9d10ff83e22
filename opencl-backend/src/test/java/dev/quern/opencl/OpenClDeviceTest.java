package dev.quern.opencl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.kernels.Counters;
import dev.quern.kernels.GpuBackend;
import dev.quern.kernels.Traits;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Adam;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tensors on an OpenCL device that is opened, limited and closed by the test. */
final class OpenClDeviceTest {
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
    OpenClDriver driver = new OpenClDriver(Required.device());
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
  void shouldRefuseF64AndTrainInF32WithoutFloat64() {
    ClDevice device = Required.device();
    Traits t = device.traits();
    Traits narrow =
        new Traits(
            t.gpu(),
            t.computeUnits(),
            t.maxGroup(),
            t.localBytes(),
            t.maxBlockBytes(),
            t.vectorBytes(),
            false,
            false);
    try (GpuBackend backend = new GpuBackend(new OpenClDriver(with(device, narrow, 1L << 30)))) {
      Device.setCurrent(Device.on(backend));
      Tensor three = Tensor.zeros(DType.F64, 3);

      IllegalArgumentException refusal =
          assertThrows(IllegalArgumentException.class, three::realize);

      assertTrue(refusal.getMessage().contains("F64"), refusal.getMessage());
      assertTrue(Float.isFinite((float) new Training().step().item()));
    }
  }

  @Test
  void shouldGoOnAfterMemoryRanOut() {
    ClDevice device = Required.device();
    try (GpuBackend backend =
        new GpuBackend(new OpenClDriver(with(device, device.traits(), 1 << 20)))) {
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
    GpuBackend backend = new GpuBackend(new OpenClDriver(Required.device()));
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
    GpuBackend backend = new GpuBackend(new OpenClDriver(Required.device()));
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
  void shouldReportEveryIndexOutOfRangeToItsThread() throws InterruptedException {
    try (GpuBackend backend = new GpuBackend(new OpenClDriver(Required.device()))) {
      Device.setCurrent(Device.on(backend));
      Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
      Tensor first = x.gather(0, Tensor.of(new long[] {9, 9, 9}, 3)).realize();
      Tensor second = x.gather(0, Tensor.of(new long[] {0, -9, 1}, 3)).realize();
      float[] read = new float[1];
      Thread other = new Thread(() -> read[0] = (float) x.sum().item());
      other.start();
      other.join();

      IndexOutOfBoundsException one =
          assertThrows(IndexOutOfBoundsException.class, first::toFloatArray);
      IndexOutOfBoundsException two =
          assertThrows(IndexOutOfBoundsException.class, second::toFloatArray);

      assertEquals(
          "gather: index 9 is out of range [0, 3) at [", one.getMessage().substring(0, 43));
      assertEquals("gather: index -9 is out of range [0, 3) at [1]", two.getMessage());
      assertEquals(6, read[0], 0);
      assertArrayEquals(new float[] {1, Float.NaN, 2}, second.toFloatArray());
    }
  }

  @Test
  void shouldLoseNoIndexOutOfRangeAmongThreads() throws InterruptedException {
    try (GpuBackend backend = new GpuBackend(new OpenClDriver(Required.device()))) {
      Device.setCurrent(Device.on(backend));
      AtomicInteger reported = new AtomicInteger();
      AtomicInteger undeserved = new AtomicInteger();
      Thread[] threads = new Thread[4];
      for (int t = 0; t < threads.length; t++) {
        long index = t % 2 == 0 ? 7 : 1;
        AtomicInteger count = t % 2 == 0 ? reported : undeserved;
        threads[t] = new Thread(() -> gatherOften(index, count));
        threads[t].start();
      }
      for (Thread thread : threads) {
        thread.join();
      }

      assertEquals(200, reported.get());
      assertEquals(0, undeserved.get());
    }
  }

  private static void gatherOften(long index, AtomicInteger refused) {
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 3);
    for (int i = 0; i < 100; i++) {
      try {
        x.gather(0, Tensor.of(new long[] {index}, 1)).toFloatArray();
      } catch (IndexOutOfBoundsException e) {
        refused.incrementAndGet();
      }
    }
  }

  private static ClDevice with(ClDevice device, Traits traits, long memory) {
    return new ClDevice(
        device.info(),
        traits,
        device.handle(),
        device.platform(),
        device.build(),
        device.roundsDivision(),
        memory);
  }
}
