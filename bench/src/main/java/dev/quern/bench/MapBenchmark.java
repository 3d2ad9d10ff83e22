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

/** Elementwise work: sums, fused chains, transcendental functions. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MapBenchmark {
  /** What to compute, as {@link Spec} reads it. */
  @Param({
    "add into 16777216",
    "add new 1048576",
    "chain into 16777216",
    "chain new 16777216",
    "exp into 16777216",
    "sigmoid into 16777216",
    "tanh into 16777216",
  })
  public String work = "";

  /** The device. */
  @Param({"cpu"})
  public String device = "cpu";

  /** Creates it; JMH does. */
  public MapBenchmark() {}

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
