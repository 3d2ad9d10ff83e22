package dev.quern.bench;

import dev.quern.Device;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** One {@link Spec} on one device, checked before it is timed. */
@State(Scope.Benchmark)
public class JmhWork {
  private Contender.Work work = new None();

  /** Creates one that does nothing yet; JMH does. */
  public JmhWork() {}

  /** Prepares work and checks its result. */
  void prepare(String text, String device) {
    Device.setCurrent(Device.of(device));
    Spec spec = Spec.parse(text);
    work = new QuernContender().prepare(spec).orElseThrow();
    work.run();
    String[] samples = Worker.samples(work.result()).split(" ");
    double[] got = Arrays.stream(samples).skip(1).mapToDouble(Double::parseDouble).toArray();
    String complaint = Oracle.complain(spec, Long.parseLong(samples[0]), got);
    if (!complaint.isEmpty()) {
      throw new AssertionError(spec + ": " + complaint);
    }
  }

  /** Does it once. */
  void run() {
    work.run();
  }

  /** Frees what was prepared. */
  @TearDown(Level.Trial)
  public void close() {
    work.close();
  }

  private static final class None implements Contender.Work {
    @Override
    public void run() {
      throw new IllegalStateException("nothing is prepared");
    }

    @Override
    public float[] result() {
      return new float[0];
    }

    @Override
    public void close() {
      // Nothing to free.
    }
  }
}
