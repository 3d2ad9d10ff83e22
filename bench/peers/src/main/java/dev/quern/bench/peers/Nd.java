package dev.quern.bench.peers;

import dev.quern.bench.Contender;
import dev.quern.bench.Numbers;
import dev.quern.bench.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.api.ops.executioner.OpExecutioner;
import org.nd4j.linalg.api.ops.impl.transforms.custom.SoftMax;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Exp;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Sigmoid;
import org.nd4j.linalg.api.ops.impl.transforms.strict.Tanh;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.ops.transforms.Transforms;

/** ND4J. It has no autograd on arrays, so training steps are written out by hand. */
public final class Nd implements Contender {
  private static final float RATE = 0.5f;

  private final List<INDArray> live = new ArrayList<>();

  /** Creates it; {@link java.util.ServiceLoader} does. */
  public Nd() {}

  @Override
  public String name() {
    return "nd4j";
  }

  @Override
  public void threads(int count) {
    Nd4j.setDefaultDataTypes(DataType.FLOAT, DataType.FLOAT);
    Nd4j.getEnvironment().setMaxThreads(count);
    Nd4j.getEnvironment().setMaxMasterThreads(count);
  }

  @Override
  public String version() {
    String extension = System.getProperty("org.bytedeco.javacpp.platform.extension", "");
    return "ND4J "
        + Nd4j.class.getPackage().getImplementationVersion()
        + " linux-x86_64"
        + extension;
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    return switch (spec.name()) {
      case "matmul nn", "matmul tn", "matmul nt" -> Optional.of(matmul(spec));
      case "batched nn" -> {
        INDArray a = operand(1, 1, spec.dim(0), spec.dim(1), spec.dim(2));
        INDArray b = operand(2, 1, spec.dim(0), spec.dim(2), spec.dim(3));
        yield Optional.of(new Made(() -> Nd4j.matmul(a, b)));
      }
      case "add into", "add new", "chain into", "chain new" -> Optional.of(elementwise(spec));
      case "exp into", "sigmoid into", "tanh into" -> Optional.of(function(spec));
      case "sum all" -> {
        INDArray a = operand(1, 1, spec.dim(0));
        yield Optional.of(new Made(() -> a.sum()));
      }
      case "sum columns" -> {
        INDArray a = operand(1, 1, spec.dim(0), spec.dim(1));
        yield Optional.of(new Made(() -> a.sum(0)));
      }
      case "softmax rows" -> {
        INDArray a = operand(1, 8, spec.dim(0), spec.dim(1));
        INDArray out = result('c', spec.dim(0), spec.dim(1));
        OpExecutioner executioner = Nd4j.getExecutioner();
        yield Optional.of(new Kept(() -> executioner.exec(new SoftMax(a, out, -1)), out));
      }
      case "linear step", "softmax step", "mlp step" -> Optional.of(new Step(spec));
      default -> Optional.empty();
    };
  }

  private INDArray operand(int stream, float scale, long... dims) {
    long size = 1;
    for (long dim : dims) {
      size *= dim;
    }
    INDArray array = Nd4j.createFromArray(Numbers.array(size, stream, scale)).reshape(dims);
    live.add(array);
    return array;
  }

  private Work matmul(Spec spec) {
    long m = spec.dim(0);
    long k = spec.dim(1);
    long n = spec.dim(2);
    INDArray a = spec.form().equals("tn") ? operand(1, 1, k, m).transpose() : operand(1, 1, m, k);
    INDArray b = spec.form().equals("nt") ? operand(2, 1, n, k).transpose() : operand(2, 1, k, n);
    INDArray c = result('f', m, n);
    return new Kept(() -> a.mmuli(b, c), c);
  }

  private Work elementwise(Spec spec) {
    long n = spec.dim(0);
    INDArray a = operand(1, 1, n);
    INDArray b = operand(2, 1, n);
    boolean into = spec.form().equals("into");
    INDArray out = result('c', into ? n : 1);
    if (spec.op().equals("add")) {
      return into ? new Kept(() -> a.addi(b, out), out) : new Made(() -> a.add(b));
    }
    INDArray c = operand(3, 1, n);
    if (into) {
      return new Kept(
          () -> {
            a.muli(b, out);
            out.addi(c);
            Transforms.relu(out, false);
          },
          out);
    }
    return new Made(
        () -> {
          INDArray product = a.mul(b);
          INDArray sum = product.add(c);
          INDArray result = Transforms.relu(sum, true);
          product.close();
          sum.close();
          return result;
        });
  }

  private Work function(Spec spec) {
    INDArray a = operand(1, 8, spec.dim(0));
    INDArray out = result('c', spec.dim(0));
    OpExecutioner executioner = Nd4j.getExecutioner();
    return switch (spec.op()) {
      case "exp" -> new Kept(() -> executioner.exec(new Exp(a, out)), out);
      case "sigmoid" -> new Kept(() -> executioner.exec(new Sigmoid(a, out)), out);
      default -> new Kept(() -> executioner.exec(new Tanh(a, out)), out);
    };
  }

  private INDArray result(char order, long... dims) {
    INDArray array = Nd4j.createUninitialized(DataType.FLOAT, dims, order);
    live.add(array);
    return array;
  }

  private void free() {
    live.forEach(INDArray::close);
    live.clear();
  }

  private static float[] elements(INDArray array) {
    return array.dup('c').ravel().toFloatVector();
  }

  /** Writes over one array. */
  private final class Kept implements Work {
    private final Runnable body;
    private final INDArray out;

    Kept(Runnable body, INDArray out) {
      this.body = body;
      this.out = out;
    }

    @Override
    public void run() {
      body.run();
    }

    @Override
    public float[] result() {
      return elements(out);
    }

    @Override
    public void close() {
      free();
    }
  }

  /** Makes a new array each time. */
  private final class Made implements Work {
    private final Supplier<INDArray> body;
    private INDArray last = Nd4j.scalar(0f);

    Made(Supplier<INDArray> body) {
      this.body = body;
    }

    @Override
    public void run() {
      last.close();
      last = body.get();
    }

    @Override
    public float[] result() {
      return elements(last);
    }

    @Override
    public void close() {
      last.close();
      free();
    }
  }

  private final class Step implements Work {
    private final int rows;
    private final boolean classes;
    private final INDArray x;
    private final INDArray target;
    private final INDArray[] weights;
    private final INDArray[] biases;

    Step(Spec spec) {
      rows = spec.dim(0);
      int layers = spec.dims().size() - 2;
      int out = spec.dim(layers + 1);
      classes = !spec.op().equals("linear");
      x = operand(1, 1, rows, spec.dim(1));
      target = classes ? Nd4j.zeros(DataType.FLOAT, rows, out) : operand(9, 1, rows, out);
      for (int i = 0; classes && i < rows; i++) {
        target.putScalar(i, Numbers.label(i, out), 1);
      }
      weights = new INDArray[layers];
      biases = new INDArray[layers];
      for (int l = 0; l < layers; l++) {
        weights[l] = operand(l + 2, 0.125f, spec.dim(l + 1), spec.dim(l + 2));
        biases[l] = Nd4j.zeros(DataType.FLOAT, 1, spec.dim(l + 2));
      }
    }

    @Override
    public void run() {
      INDArray[] inputs = new INDArray[weights.length + 1];
      inputs[0] = x;
      for (int l = 0; l < weights.length; l++) {
        INDArray y = inputs[l].mmul(weights[l]).addiRowVector(biases[l]);
        inputs[l + 1] = l < weights.length - 1 ? Transforms.relu(y, false) : y;
      }
      INDArray scores = inputs[weights.length];
      INDArray gradient;
      if (classes) {
        INDArray p = Nd4j.createUninitialized(DataType.FLOAT, scores.shape());
        Nd4j.getExecutioner().exec(new SoftMax(scores, p, -1));
        gradient = p.subi(target).divi(rows);
      } else {
        gradient = scores.sub(target).muli(2.0f / scores.length());
      }
      for (int l = weights.length - 1; l >= 0; l--) {
        INDArray change = inputs[l].transpose().mmul(gradient);
        INDArray biasChange = gradient.sum(true, 0);
        INDArray before = gradient;
        if (l > 0) {
          before = gradient.mmul(weights[l].transpose());
          before.muli(inputs[l].gt(0).castTo(DataType.FLOAT));
        }
        weights[l].subi(change.muli(RATE));
        biases[l].subi(biasChange.muli(RATE));
        gradient = before;
      }
    }

    @Override
    public float[] result() {
      float[][] parts = new float[2 * weights.length][];
      for (int l = 0; l < weights.length; l++) {
        parts[2 * l] = elements(weights[l]);
        parts[2 * l + 1] = elements(biases[l]);
      }
      return Parts.joined(parts);
    }

    @Override
    public void close() {
      free();
      for (int l = 0; l < weights.length; l++) {
        biases[l].close();
      }
      if (classes) {
        target.close();
      }
    }
  }
}
