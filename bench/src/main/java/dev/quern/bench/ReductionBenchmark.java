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

/** Sums of all elements and of columns, softmax of rows. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ReductionBenchmark {
  /** What to compute, as {@link Spec} reads it. */
  @Param({
    "sum all 16777216",
    "sum columns 4096 1024",
    "softmax rows 4096 1024",
  })
  public String work = "";

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  /** Creates it; JMH does. */
  public ReductionBenchmark() {}

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
