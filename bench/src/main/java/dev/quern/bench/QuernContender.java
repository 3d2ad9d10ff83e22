package dev.quern.bench;

import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.nn.Module;
import dev.quern.nn.Sequential;
import dev.quern.optim.Sgd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Quern itself, on the device that {@code quern.device} names, through its public interface. */
public final class QuernContender implements Contender {
  /** Creates it; {@link java.util.ServiceLoader} does. */
  public QuernContender() {}

  @Override
  public String name() {
    return "quern";
  }

  @Override
  public void threads(int count) {
    if (count > 0) {
      System.setProperty("quern.threads", String.valueOf(count));
    }
  }

  @Override
  public String version() {
    return "Quern on " + Device.current().details();
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    return switch (spec.name()) {
      case "matmul nn", "matmul tn", "matmul nt" -> Optional.of(matmul(spec));
      case "batched nn" -> {
        Tensor x = operand(1, spec.dim(0), spec.dim(1), spec.dim(2));
        Tensor y = operand(2, spec.dim(0), spec.dim(2), spec.dim(3));
        yield Optional.of(new Making(() -> x.matmul(y), x, y));
      }
      case "add into", "add new", "chain into", "chain new" -> Optional.of(elementwise(spec));
      case "exp into", "exp new", "sigmoid into", "sigmoid new", "tanh into", "tanh new" ->
          Optional.of(function(spec));
      case "sum all" -> {
        Tensor x = operand(1, spec.dim(0));
        yield Optional.of(new Making(() -> x.sum(), x));
      }
      case "sum columns" -> {
        Tensor x = operand(1, spec.dim(0), spec.dim(1));
        yield Optional.of(new Making(() -> x.sum(0), x));
      }
      case "softmax rows" -> {
        Tensor x = scaled(8, spec.dim(0), spec.dim(1));
        yield Optional.of(new Making(() -> x.softmax(1), x));
      }
      case "linear step", "softmax step", "mlp step" -> Optional.of(new Step(spec));
      default -> Optional.empty();
    };
  }

  private static Tensor operand(int stream, long... dims) {
    return operand(stream, 1, dims);
  }

  private static Tensor scaled(float scale, long... dims) {
    return operand(1, scale, dims);
  }

  private static Tensor operand(int stream, float scale, long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    return Tensor.of(Numbers.array(size, stream, scale), dims);
  }

  private static Work matmul(Spec spec) {
    int m = spec.dim(0);
    int k = spec.dim(1);
    int n = spec.dim(2);
    Tensor a = spec.form().equals("tn") ? operand(1, k, m).transpose() : operand(1, m, k);
    Tensor b = spec.form().equals("nt") ? operand(2, n, k).transpose() : operand(2, k, n);
    return new Making(() -> a.matmul(b), a, b);
  }

  private static Work elementwise(Spec spec) {
    long n = spec.dim(0);
    Tensor a = operand(1, n);
    Tensor b = operand(2, n);
    if (spec.op().equals("add")) {
      return work(spec, () -> a.add(b), a, b);
    }
    Tensor c = operand(3, n);
    return work(spec, () -> a.mul(b).add(c).relu(), a, b, c);
  }

  private static Work function(Spec spec) {
    Tensor a = scaled(8, spec.dim(0));
    Supplier<Tensor> function =
        switch (spec.op()) {
          case "exp" -> a::exp;
          case "sigmoid" -> a::sigmoid;
          default -> a::tanh;
        };
    return work(spec, function, a);
  }

  private static Work work(Spec spec, Supplier<Tensor> expression, Tensor... operands) {
    return spec.form().equals("into")
        ? new Writing(expression, operands)
        : new Making(expression, operands);
  }

  /** Makes a new tensor each time, whose memory goes back when the next one is made. */
  private static final class Making implements Work {
    private final Supplier<Tensor> expression;
    private final Tensor[] operands;
    private Tensor last = Tensor.zeros(0);

    Making(Supplier<Tensor> expression, Tensor... operands) {
      this.expression = expression;
      this.operands = operands;
    }

    @Override
    public void run() {
      last.close();
      try (Scope scope = Scope.open()) {
        last = scope.keep(expression.get());
      }
      last.device().synchronize();
    }

    @Override
    public float[] result() {
      return last.toFloatArray();
    }

    @Override
    public void close() {
      last.close();
      closeAll(operands);
    }
  }

  /** Writes over the elements of one tensor. */
  private static final class Writing implements Work {
    private final Supplier<Tensor> expression;
    private final Tensor[] operands;
    private final Tensor target;

    Writing(Supplier<Tensor> expression, Tensor... operands) {
      this.expression = expression;
      this.operands = operands;
      target = operands[0].zerosLike().realize();
    }

    @Override
    public void run() {
      try (Scope scope = Scope.open()) {
        target.assign(expression.get());
      }
      target.device().synchronize();
    }

    @Override
    public float[] result() {
      return target.toFloatArray();
    }

    @Override
    public void close() {
      target.close();
      closeAll(operands);
    }
  }

  private static void closeAll(Tensor... tensors) {
    for (Tensor tensor : tensors) {
      tensor.close();
    }
  }

  /** A step of gradient descent. */
  private static final class Step implements Work {
    private final Tensor x;
    private final Tensor target;
    private final boolean classes;
    private final Sequential model;
    private final Sgd optimizer;

    Step(Spec spec) {
      int rows = spec.dim(0);
      int layers = spec.dims().size() - 2;
      int out = spec.dim(layers + 1);
      x = operand(1, rows, spec.dim(1));
      classes = !spec.op().equals("linear");
      target = classes ? Tensor.of(Numbers.labels(rows, out), rows) : operand(9, rows, out);
      List<Module> modules = new ArrayList<>();
      for (int l = 0; l < layers; l++) {
        long inputs = spec.dim(l + 1);
        long outputs = spec.dim(l + 2);
        if (l > 0) {
          modules.add(Module.of(Tensor::relu));
        }
        modules.add(
            new Linear(operand(l + 2, 0.125f, inputs, outputs), Tensor.zeros(outputs).realize()));
      }
      model = new Sequential(modules.toArray(new Module[0]));
      optimizer = new Sgd(model.tensors(), Oracle.rate());
    }

    @Override
    public void run() {
      try (Scope scope = Scope.open()) {
        Tensor y = model.forward(x);
        Tensor loss = classes ? Losses.crossEntropy(y, target) : y.sub(target).square().mean();
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      }
      x.device().synchronize();
    }

    @Override
    public float[] result() {
      float[] all =
          new float[Math.toIntExact(model.tensors().stream().mapToLong(Tensor::size).sum())];
      int at = 0;
      for (Tensor parameter : model.tensors()) {
        float[] values = parameter.toFloatArray();
        System.arraycopy(values, 0, all, at, values.length);
        at += values.length;
      }
      return all;
    }

    @Override
    public void close() {
      closeAll(x, target);
      optimizer.zeroGrad();
      model.tensors().forEach(Tensor::close);
    }
  }
}
