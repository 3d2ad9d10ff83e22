package dev.quern.bench;

import dev.quern.Device;
import dev.quern.Tensor;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What fusion gains: {@code relu(a * b + c)} as one pass over memory (four streams) and, in eager
 * mode, as three passes (three streams, three, two). {@code copy} is the device's own limit for two
 * streams.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 10, time = 1)
public class FusionBenchmark {
  /** The number of elements. */
  @Param({"16777216"})
  public long size;

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  private Tensor a = Tensor.zeros(0);
  private Tensor b = Tensor.zeros(0);
  private Tensor c = Tensor.zeros(0);

  /** Creates the operands and checks the result before anything is timed. */
  @Setup(Level.Trial)
  public void setUp() {
    Device.setCurrent(Device.of(device));
    a = Tensor.randn(size);
    b = Tensor.randn(size);
    c = Tensor.randn(size);
    float[] x = a.toFloatArray();
    float[] y = b.toFloatArray();
    float[] z = c.toFloatArray();
    float[] result = chain().toFloatArray();
    for (int i = 0; i < result.length; i++) {
      if (result[i] != Math.max(x[i] * y[i] + z[i], 0)) {
        throw new AssertionError("relu(a*b+c) is wrong at " + i + ": " + result[i]);
      }
    }
  }

  /** Frees the operands. */
  @TearDown(Level.Trial)
  public void tearDown() {
    a.close();
    b.close();
    c.close();
  }

  private Tensor chain() {
    return a.mul(b).add(c).relu();
  }

  private void run(java.util.function.Supplier<Tensor> work) {
    try (dev.quern.Scope scope = dev.quern.Scope.open()) {
      scope.keep(work.get()).close();
      Device.current().synchronize();
    }
  }

  /** Runs the chain deferred: one kernel. */
  @Benchmark
  @Fork(value = 2, jvmArgsAppend = "-Dquern.eager=false")
  public void fused() {
    run(this::chain);
  }

  /** Runs the chain one operation at a time: three kernels. */
  @Benchmark
  @Fork(value = 2, jvmArgsAppend = "-Dquern.eager=true")
  public void eager() {
    run(this::chain);
  }

  /** Copies one operand: the bandwidth to compare with. */
  @Benchmark
  @Fork(2)
  public void copy() {
    run(() -> a.add(0));
  }
}
