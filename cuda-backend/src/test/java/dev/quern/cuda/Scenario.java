package dev.quern.cuda;

import dev.quern.BackendException;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Tensor;
import dev.quern.kernels.Block;
import dev.quern.kernels.GpuBackend;
import dev.quern.kernels.Grid;
import dev.quern.kernels.Kernel;
import dev.quern.kernels.KernelKey;
import dev.quern.nn.Linear;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Uses a driver in a JVM of its own, where the emulator makes it fail, and prints what happens. */
final class Scenario {
  private static final int[] ZERO = new int[1];
  private static final long[] WORDS = {1, 0};

  private Scenario() {}

  public static void main(String[] args) {
    Runnable scenario =
        switch (args[0]) {
          case "allocate" -> Scenario::allocate;
          case "launch" -> Scenario::launch;
          case "stray" -> Scenario::stray;
          case "open" -> Scenario::open;
          case "replay" -> Scenario::replay;
          default -> throw new IllegalArgumentException(args[0]);
        };
    attempt("scenario", scenario);
    System.out.println("end");
  }

  private static void attempt(String what, Runnable call) {
    try {
      call.run();
      System.out.println(what + ": done");
    } catch (BackendException | OutOfDeviceMemoryException e) {
      System.out.println(what + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }

  private static void allocate() {
    try (CudaDriver driver = new CudaDriver(Devices.find("cuda:0"))) {
      for (int i = 1; i <= 4; i++) {
        attempt("allocation " + i, () -> driver.upload(ZERO, 0, driver.allocate(1000), 0, 1));
      }
    }
  }

  // Each step on its own, so that the first that fails and all that follow are seen.
  private static void launch() {
    try (CudaDriver driver = new CudaDriver(Devices.find("cuda:0"))) {
      Block block = driver.allocate(64);
      Block[] blocks = {block};
      driver.upload(ZERO, 0, block, 0, 1);
      Kernel[] kernels = new Kernel[2];
      KernelKey first = new KernelKey("drivertest", "count", new TreeMap<>());
      KernelKey second = new KernelKey("drivertest", "places", new TreeMap<>());
      attempt("load", () -> kernels[0] = driver.kernel(first));
      attempt("find", () -> kernels[1] = driver.kernel(second));
      if (kernels[0] == null || kernels[1] == null) {
        return;
      }
      for (int i = 1; i <= 4; i++) {
        Kernel kernel = kernels[i % 2];
        attempt("launch " + i, () -> driver.launch(kernel, Grid.of(1, 1), blocks, WORDS));
      }
      attempt("synchronize", driver::synchronize);
      attempt("upload", () -> driver.upload(ZERO, 0, block, 0, 1));
      attempt("download", () -> driver.download(block, 0, new int[1], 0, 1));
      attempt("allocate", () -> driver.allocate(10));
      attempt("free", () -> driver.free(block));
      attempt("close", driver::close);
    }
  }

  private static void stray() {
    try (CudaDriver driver = new CudaDriver(Devices.find("cuda:0"))) {
      Block small = driver.allocate(256);
      driver.upload(new float[64], 0, small, 0, 64);
      Block[] blocks = {small, small};
      Kernel kernel = driver.kernel(new KernelKey("drivertest", "scale", new TreeMap<>()));
      driver.launch(kernel, Grid.of(1, 32), blocks, new long[] {64, 0});
      attempt("good", driver::synchronize);
      attempt("bad", () -> driver.launch(kernel, Grid.of(1, 32), blocks, new long[] {1 << 22, 0}));
      attempt("download", () -> driver.download(small, 0, new float[1], 0, 1));
      attempt("again", () -> driver.download(small, 0, new float[1], 0, 1));
    }
  }

  private static void replay() {
    try (GpuBackend backend = new GpuBackend(new CudaDriver(Devices.find("cuda:0")))) {
      Device.setCurrent(Device.on(backend));
      Tensor x = Tensor.ones(4, 3);
      Linear model = new Linear(3, 2);
      Optimizer optimizer = new Adam(model.tensors(), 0.1);
      Supplier<Tensor> step =
          () -> {
            optimizer.zeroGrad();
            Tensor loss = model.forward(x).square().mean();
            loss.backward();
            optimizer.step();
            return loss;
          };
      try (Recording recording = Device.current().record(step)) {
        Device.current().synchronize();
        System.out.println("recorded: done");
        for (int i = 0; i < 3; i++) {
          recording.replay();
        }
        System.out.println("replayed: done");
        System.out.println("loss: " + recording.result().item());
      }
    }
  }

  private static void open() {
    attempt("first", () -> new CudaDriver(Devices.find("cuda:0")).close());
    attempt("second", () -> new CudaDriver(Devices.find("cuda:0")).close());
  }
}
