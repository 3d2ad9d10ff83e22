package dev.quern.bench.gpu;

import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A chain of elementwise operations on F32 vectors. */
final class Elementwise implements Workload {
  private static final int WINDOW = 4099;

  /** The chain for one element, in F32 where it must be exact. */
  private interface Oracle {
    double at(float x, float y, float z);
  }

  private final Task task;
  private final List<Tensor> inputs = new ArrayList<>();
  private final Function<List<Tensor>, Tensor> chain;
  private final Oracle oracle;
  private final int ulps;
  private boolean recorded;
  private @Nullable Recording recording;

  private Elementwise(
      Task task, int inputs, Function<List<Tensor>, Tensor> chain, Oracle oracle, int ulps) {
    this.task = task;
    this.chain = chain;
    this.oracle = oracle;
    this.ulps = ulps;
    Generator generator = new Generator(task.hashCode());
    for (int i = 0; i < inputs; i++) {
      long size = task.size(task.sizes().size() - 1);
      this.inputs.add(Tensor.randn(generator, dev.quern.DType.F32, size).realize());
    }
  }

  static Elementwise of(Task task, boolean recorded) {
    Elementwise made = of(task);
    made.recorded = recorded;
    return made;
  }

  private static Elementwise of(Task task) {
    return switch (task.kind()) {
      case "copy", "launch" ->
          new Elementwise(task, 1, in -> in.get(0).add(0), (x, y, z) -> x + 0f, 0);
      case "tanh" ->
          new Elementwise(task, 1, in -> in.get(0).tanh(), (x, y, z) -> StrictMath.tanh(x), 2);
      case "map" -> chain(task);
      default -> throw task.unknown();
    };
  }

  private static Elementwise chain(Task task) {
    return switch ((int) task.size(0)) {
      case 1 -> new Elementwise(task, 2, in -> in.get(0).add(in.get(1)), (x, y, z) -> x + y, 0);
      case 3 -> new Elementwise(task, 3, Elementwise::three, (x, y, z) -> three(x, y, z), 0);
      case 8 ->
          new Elementwise(
              task,
              3,
              in -> three(in).mul(0.5).add(1).sqrt().sub(in.get(0)).abs(),
              (x, y, z) -> Math.abs((float) Math.sqrt((double) (three(x, y, z) * 0.5f + 1f)) - x),
              0);
      default -> throw new IllegalArgumentException("map: no chain of length " + task.size(0));
    };
  }

  private static Tensor three(List<Tensor> in) {
    return in.get(0).mul(in.get(1)).add(in.get(2)).relu();
  }

  private static float three(float x, float y, float z) {
    return Math.max(x * y + z, 0f);
  }

  @Override
  public void run() {
    if (recording != null) {
      recording.replay();
    } else if (recorded) {
      recording = Device.current().record(() -> chain.apply(inputs));
    } else {
      chain.apply(inputs).realize();
    }
  }

  private Tensor result() {
    if (!recorded) {
      return chain.apply(inputs).realize();
    }
    run();
    run();
    return Objects.requireNonNull(recording).result();
  }

  @Override
  public double check() {
    double worst = 0;
    try (Scope scope = Scope.open()) {
      Tensor result = result();
      for (long start : Windows.starts(result.size(), WINDOW, task.hashCode())) {
        worst = Math.max(worst, check(result, start, Math.min(result.size(), start + WINDOW)));
      }
    }
    return worst;
  }

  private double check(Tensor result, long start, long end) {
    float[][] in = new float[3][(int) (end - start)];
    for (int i = 0; i < inputs.size(); i++) {
      in[i] = inputs.get(i).slice(0, start, end).toFloatArray();
    }
    float[] out = result.slice(0, start, end).toFloatArray();
    double worst = 0;
    for (int i = 0; i < out.length; i++) {
      double expected = oracle.at(in[0][i], in[1][i], in[2][i]);
      double allowed = ulps * (double) Math.ulp((float) expected);
      String what = task.id() + " at " + (start + i);
      worst = Math.max(worst, WrongResultException.within(what, expected, out[i], allowed));
    }
    return worst;
  }

  @Override
  public void close() {
    if (recording != null) {
      recording.close();
    }
    inputs.forEach(Tensor::close);
  }
}
