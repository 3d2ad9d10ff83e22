package dev.quern.bench.peers;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.training.GradientCollector;
import ai.djl.training.loss.Loss;
import dev.quern.bench.Contender;
import dev.quern.bench.Numbers;
import dev.quern.bench.Spec;
import java.util.Optional;
import java.util.function.Function;

/** DJL with PyTorch. Its operations always make a new array. */
public final class Djl implements Contender {
  private static final float RATE = 0.5f;

  /** Creates it; {@link java.util.ServiceLoader} does. */
  public Djl() {}

  @Override
  public String name() {
    return "djl-pytorch";
  }

  @Override
  public void threads(int count) {
    System.setProperty("ai.djl.offline", "true");
    System.setProperty("ai.djl.pytorch.num_threads", String.valueOf(count));
    System.setProperty("ai.djl.pytorch.num_interop_threads", "1");
  }

  @Override
  public String version() {
    Engine engine = Engine.getEngine("PyTorch");
    return "DJL " + Engine.getDjlVersion() + " with PyTorch " + engine.getVersion();
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    NDManager manager = NDManager.newBaseManager("PyTorch");
    return switch (spec.name()) {
      case "matmul nn", "matmul tn", "matmul nt" -> Optional.of(matmul(manager, spec));
      case "batched nn" -> {
        NDArray a = operand(manager, 1, 1, spec.dim(0), spec.dim(1), spec.dim(2));
        NDArray b = operand(manager, 2, 1, spec.dim(0), spec.dim(2), spec.dim(3));
        yield Optional.of(new Made(manager, scope -> a.matMul(b)));
      }
      case "add new", "chain new" -> Optional.of(elementwise(manager, spec));
      case "sum all" -> {
        NDArray a = operand(manager, 1, 1, spec.dim(0));
        yield Optional.of(new Made(manager, scope -> a.sum()));
      }
      case "sum columns" -> {
        NDArray a = operand(manager, 1, 1, spec.dim(0), spec.dim(1));
        yield Optional.of(new Made(manager, scope -> a.sum(new int[] {0})));
      }
      case "softmax rows" -> {
        NDArray a = operand(manager, 1, 8, spec.dim(0), spec.dim(1));
        yield Optional.of(new Made(manager, scope -> a.softmax(1)));
      }
      case "linear step", "softmax step", "mlp step" -> Optional.of(new Step(manager, spec));
      default -> {
        manager.close();
        yield Optional.empty();
      }
    };
  }

  private static NDArray operand(NDManager manager, int stream, float scale, long... dims) {
    Shape shape = new Shape(dims);
    return manager.create(Numbers.array(shape.size(), stream, scale), shape);
  }

  private static Work matmul(NDManager manager, Spec spec) {
    long m = spec.dim(0);
    long k = spec.dim(1);
    long n = spec.dim(2);
    NDArray a =
        spec.form().equals("tn")
            ? operand(manager, 1, 1, k, m).transpose()
            : operand(manager, 1, 1, m, k);
    NDArray b =
        spec.form().equals("nt")
            ? operand(manager, 2, 1, n, k).transpose()
            : operand(manager, 2, 1, k, n);
    return new Made(manager, scope -> a.matMul(b));
  }

  private static Work elementwise(NDManager manager, Spec spec) {
    long n = spec.dim(0);
    NDArray a = operand(manager, 1, 1, n);
    NDArray b = operand(manager, 2, 1, n);
    if (spec.op().equals("add")) {
      return new Made(manager, scope -> a.add(b));
    }
    NDArray c = operand(manager, 3, 1, n);
    return new Made(
        manager,
        scope -> {
          try (NDArray product = a.mul(b);
              NDArray sum = product.add(c)) {
            return Activation.relu(sum);
          }
        });
  }

  /** Makes a new array each time. */
  private static final class Made implements Work {
    private final NDManager manager;
    private final Function<NDManager, NDArray> body;
    private NDArray last;

    Made(NDManager manager, Function<NDManager, NDArray> body) {
      this.manager = manager;
      this.body = body;
      last = manager.create(0f);
    }

    @Override
    public void run() {
      last.close();
      last = body.apply(manager);
    }

    @Override
    public float[] result() {
      return last.toFloatArray();
    }

    @Override
    public void close() {
      manager.close();
    }
  }

  private static final class Step implements Work {
    private final NDManager manager;
    private final NDArray x;
    private final NDArray target;
    private final NDArray[] parameters;
    private final boolean classes;
    private final Loss loss = Loss.softmaxCrossEntropyLoss();

    Step(NDManager manager, Spec spec) {
      this.manager = manager;
      int rows = spec.dim(0);
      int layers = spec.dims().size() - 2;
      int out = spec.dim(layers + 1);
      classes = !spec.op().equals("linear");
      x = operand(manager, 1, 1, rows, spec.dim(1));
      if (classes) {
        float[] labels = new float[rows];
        for (int i = 0; i < rows; i++) {
          labels[i] = Numbers.label(i, out);
        }
        target = manager.create(labels);
      } else {
        target = operand(manager, 9, 1, rows, out);
      }
      parameters = new NDArray[2 * layers];
      for (int l = 0; l < layers; l++) {
        parameters[2 * l] = operand(manager, l + 2, 0.125f, spec.dim(l + 1), spec.dim(l + 2));
        parameters[2 * l + 1] = manager.zeros(new Shape(spec.dim(l + 2)));
      }
      for (NDArray parameter : parameters) {
        parameter.setRequiresGradient(true);
      }
    }

    @Override
    public void run() {
      try (NDManager step = manager.newSubManager();
          NDArray input = x.duplicate()) {
        input.tempAttach(step);
        try (GradientCollector gradients = Engine.getEngine("PyTorch").newGradientCollector()) {
          NDArray y = input;
          for (int l = 0; l < parameters.length; l += 2) {
            y = y.matMul(parameters[l]).add(parameters[l + 1]);
            y = l + 2 < parameters.length ? Activation.relu(y) : y;
          }
          NDArray value =
              classes
                  ? loss.evaluate(new NDList(target), new NDList(y))
                  : y.sub(target).square().mean();
          gradients.backward(value);
        }
        for (NDArray parameter : parameters) {
          try (NDArray gradient = parameter.getGradient();
              NDArray change = gradient.mul(RATE)) {
            parameter.subi(change);
          }
        }
      }
    }

    @Override
    public float[] result() {
      float[][] parts = new float[parameters.length][];
      for (int i = 0; i < parts.length; i++) {
        parts[i] = parameters[i].toFloatArray();
      }
      return Parts.joined(parts);
    }

    @Override
    public void close() {
      manager.close();
    }
  }
}
