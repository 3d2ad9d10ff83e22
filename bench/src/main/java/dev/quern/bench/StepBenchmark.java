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

/** Training steps of linear regression, softmax regression and an MLP. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class StepBenchmark {
  /** What to compute, as {@link Spec} reads it. */
  @Param({
    "linear step 1024 64 1",
    "softmax step 256 784 10",
    "mlp step 256 784 128 10",
  })
  public String work = "";

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  /** Creates it; JMH does. */
  public StepBenchmark() {}

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
