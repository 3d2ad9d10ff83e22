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

/** Work so small that only the overhead counts; run it with {@code -prof gc}. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class SmallBenchmark {
  /** What to compute, as {@link Spec} reads it. */
  @Param({
    "add new 10",
    "add into 10",
    "matmul nn 4 4 4",
    "chain new 100",
    "chain into 100",
  })
  public String work = "";

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  /** Creates it; JMH does. */
  public SmallBenchmark() {}

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
