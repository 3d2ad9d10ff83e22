package dev.quern.opencl;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.kernels.Block;
import dev.quern.kernels.GpuBackend;
import dev.quern.kernels.Grid;
import dev.quern.kernels.KernelKey;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Runs kernels of every family on small tensors in a JVM of its own, from one number of the list to
 * another, and compares the results with the CPU's; or one that is faulty on purpose. Says "done"
 * at the end.
 */
final class SmallKernels {
  private static final double TOLERANCE = 1e-4;

  private SmallKernels() {}

  public static void main(String[] args) {
    ClDevice device = Devices.all().get(0);
    System.out.println("device " + device.info().name());
    if (args.length == 1) {
      faulty(device, args[0]);
      return;
    }
    Device cpu = Device.of("cpu");
    try (GpuBackend backend = new GpuBackend(new OpenClDriver(device))) {
      Device here = Device.on(backend);
      List<Function<Device, Tensor>> kernels = kernels();
      int from = Integer.parseInt(args[0]);
      int to = Math.min(kernels.size(), Integer.parseInt(args[1]));
      for (int k = from; k < to; k++) {
        Function<Device, Tensor> kernel = kernels.get(k);
        double[] expected = run(kernel, cpu);
        double[] actual = run(kernel, here);
        for (int i = 0; i < expected.length; i++) {
          if (!(Math.abs(expected[i] - actual[i]) <= TOLERANCE * (1 + Math.abs(expected[i])))) {
            throw new AssertionError(
                "kernel " + k + " at " + i + ": " + expected[i] + " and " + actual[i]);
          }
        }
      }
      here.synchronize();
    }
    System.out.println("done");
  }

  private static double[] run(Function<Device, Tensor> kernel, Device device) {
    Device.setCurrent(device);
    return kernel.apply(device).cast(DType.F64).toDoubleArray();
  }

  private static Tensor matrix(long rows, long columns) {
    return Tensor.rand(new Generator(rows * 31 + columns), DType.F32, rows, columns).realize();
  }

  private static Tensor indices(long rows, long columns, double below) {
    return Tensor.arange(0, rows * columns, 1)
        .mod(below)
        .cast(DType.I64)
        .reshape(rows, columns)
        .realize();
  }

  private static List<Function<Device, Tensor>> kernels() {
    List<Function<Device, Tensor>> list = new ArrayList<>();
    list.add(d -> matrix(3, 5).exp().add(1).log().mul(matrix(3, 5)).tanh());
    list.add(d -> matrix(5, 3).transpose().sub(matrix(1, 5)).sigmoid());
    list.add(d -> matrix(1, 140_000).sub(0.5).relu());
    list.add(d -> matrix(130, 130).cast(DType.F64).pow(0.5).erf());
    list.add(d -> matrix(7, 9).mul(9).cast(DType.I32).mod(3).gt(1));
    for (long[] shape : new long[][] {{1, 1}, {3, 5}, {2, 300}, {70, 2}, {1, 5000}}) {
      list.add(d -> matrix(shape[0], shape[1]).square().sum(1));
      list.add(d -> matrix(shape[0], shape[1]).sum(0));
      list.add(d -> matrix(shape[0], shape[1]).max(1));
      list.add(d -> matrix(shape[0], shape[1]).logSumExp(1));
      list.add(d -> matrix(shape[0], shape[1]).argmax(1));
      list.add(d -> matrix(shape[0], shape[1]).softmax(1));
      list.add(d -> matrix(shape[0], shape[1]).logSoftmax(0));
    }
    list.add(d -> matrix(3, 1500).cumsum(1));
    list.add(d -> matrix(3, 5).cumprod(0));
    list.add(d -> matrix(6, 8).gather(1, indices(6, 3, 8)));
    list.add(
        d -> {
          Tensor leaf = matrix(6, 8).detach().requiresGrad(true);
          leaf.gather(1, indices(6, 3, 8)).square().sum().backward();
          return leaf.grad().orElseThrow();
        });
    list.add(d -> Tensor.randn(new Generator(7), DType.F32, 13));
    list.add(d -> Tensor.rand(new Generator(7), DType.F64, 13));
    list.add(d -> Tensor.randint(new Generator(7), 0, 100, 13));
    // From here on, number 47, products.
    for (long[] s : new long[][] {{1, 1, 1}, {5, 7, 3}, {17, 33, 20}, {40, 20, 36}, {1, 65, 30}}) {
      list.add(d -> matrix(s[0], s[1]).matmul(matrix(s[1], s[2])));
      list.add(d -> matrix(s[1], s[0]).transpose().matmul(matrix(s[1], s[2])).relu());
      list.add(d -> matrix(s[0], s[1]).matmul(matrix(s[2], s[1]).transpose()).add(matrix(1, s[2])));
      list.add(d -> matrix(s[0], s[1]).cast(DType.F64).matmul(matrix(s[1], s[2]).cast(DType.F64)));
    }
    return list;
  }

  // A kernel with a planted fault, started so that the fault shows.
  private static void faulty(ClDevice device, String entry) {
    try (OpenClDriver driver = new OpenClDriver(device)) {
      Block block = driver.allocate(16 * 4);
      driver.upload(new int[16], 0, block, 0, 16);
      KernelKey key = new KernelKey("faulty", entry, new TreeMap<>(Map.of("GROUP", "8")));
      driver.launch(driver.kernel(key), Grid.of(1, 8), new Block[] {block}, new long[] {16});
      driver.synchronize();
    }
    System.out.println("done");
  }
}
