package dev.quern.bench;

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
import org.openjdk.jmh.annotations.Warmup;

/** Matrix products: square, skinny, transposed, batched. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MatmulBenchmark {
  /** What to compute, as {@link Spec} reads it. */
  @Param({
    "matmul nn 128 128 128",
    "matmul nn 256 256 256",
    "matmul nn 512 512 512",
    "matmul nn 1024 1024 1024",
    "matmul nn 2048 2048 2048",
    "matmul nn 256 784 128",
    "matmul nn 1024 784 10",
    "matmul tn 784 256 128",
    "matmul nt 256 10 128",
    "batched nn 64 64 64 64",
  })
  public String work = "";

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  /** Creates it; JMH does. */
  public MatmulBenchmark() {}

  /** Prepares the operands and checks the result before anything is timed. */
  @Setup(Level.Trial)
  public void setUp(JmhWork state) {
    state.prepare(work, device);
  }

  /** Does it once. */
  @Benchmark
  public void run(JmhWork state) {
    state.run();
  }
}
