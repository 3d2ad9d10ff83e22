package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Index;
import dev.quern.Tensor;
import dev.quern.nn.Linear;
import dev.quern.nn.Losses;
import dev.quern.optim.Adam;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.function.Executable;

/** A user's mistakes: the right exception at once, naming the operation and all shapes involved. */
abstract class ErrorTck extends Tck {
  /** Collects mistakes of one kind. */
  private static final class Mistakes {
    private final List<DynamicTest> tests = new ArrayList<>();

    /** Adds a call that must throw an IllegalArgumentException with these texts in its message. */
    void add(String op, Executable call, String... texts) {
      add(IllegalArgumentException.class, op, call, texts);
    }

    void add(Class<? extends RuntimeException> type, String op, Executable call, String... texts) {
      String name = op + " " + Arrays.toString(texts) + " " + tests.size();
      tests.add(
          test(
              name,
              () -> {
                RuntimeException e = assertThrows(type, call);
                String message = String.valueOf(e.getMessage());
                assertTrue(
                    message.startsWith(op + ": "), "should begin with " + op + ": " + message);
                for (String text : texts) {
                  assertTrue(message.contains(text), "should contain " + text + ": " + message);
                }
              }));
    }

    Stream<DynamicTest> stream() {
      return tests.stream();
    }
  }

  private static Tensor f(long... dims) {
    return Tensor.ones(dims);
  }

  private static Tensor ints(long... dims) {
    return Tensor.ones(DType.I32, dims);
  }

  private static Tensor bits(long... dims) {
    return Tensor.ones(DType.BOOL, dims);
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadCreation() {
    Mistakes m = new Mistakes();
    m.add("of", () -> Tensor.of(new float[3], 2, 2), "3", "[2, 2]");
    m.add("of", () -> Tensor.of(new double[1], 0), "1", "[0]");
    m.add("of", () -> Tensor.of(new int[1], 2), "1", "[2]");
    m.add("of", () -> Tensor.of(new long[1], 2), "1", "[2]");
    m.add("of", () -> Tensor.of(new boolean[1], 2), "1", "[2]");
    m.add("of", () -> Tensor.of(new float[][] {{1}, {1, 2}}), "row 1", "2", "1");
    m.add("wrap", () -> Tensor.wrap(new float[3], 2, 2), "3", "[2, 2]");
    m.add("wrap", () -> Tensor.wrap(new long[3], 4), "3", "[4]");
    m.add("shape", () -> Tensor.zeros(2, -1), "negative", "[2, -1]");
    m.add("shape", () -> Tensor.rand(-5), "negative", "[-5]");
    m.add("shape", () -> Tensor.of(new float[0], -1, 0), "negative", "[-1, 0]");
    m.add("shape", () -> Tensor.zeros(Long.MAX_VALUE, 2), "[" + Long.MAX_VALUE + ", 2]");
    m.add("shape", () -> Tensor.zeros(1L << 32, 1L << 32), "[4294967296, 4294967296]");
    m.add("full", () -> Tensor.full(DType.I32, 0.5, 2), "0.5", "I32");
    m.add("full", () -> Tensor.full(DType.I32, 1L << 31, 2), "I32");
    m.add("full", () -> Tensor.full(DType.I64, Double.NaN, 2), "NaN", "I64");
    m.add("full", () -> Tensor.full(DType.I64, 0x1p63, 2), "I64");
    m.add("full", () -> Tensor.full(DType.BOOL, 2, 2), "2", "BOOL");
    m.add("full", () -> Tensor.scalar(DType.I64, Double.POSITIVE_INFINITY), "Infinity", "I64");
    m.add("arange", () -> Tensor.arange(0, 5, 0), "0");
    m.add("arange", () -> Tensor.arange(0.0, 5.0, 0.0), "0.0");
    m.add("arange", () -> Tensor.arange(0.0, Double.NaN, 1.0), "NaN");
    m.add("arange", () -> Tensor.arange(Double.NEGATIVE_INFINITY, 0, 1.0), "Infinity");
    m.add("arange", () -> Tensor.arange(Long.MAX_VALUE), "too many");
    m.add("eye", () -> Tensor.eye(-1), "-1");
    m.add("rand", () -> Tensor.rand(new Generator(1), DType.I32, 2), "I32");
    m.add("randn", () -> Tensor.randn(new Generator(1), DType.BOOL, 2), "BOOL");
    m.add("randint", () -> Tensor.randint(5, 5, 2), "[5, 5)");
    m.add("randint", () -> Tensor.randint(0, 1L << 40, 2));
    m.add("randint", () -> Tensor.randint(Long.MIN_VALUE, Long.MAX_VALUE, 2));
    m.add("generator", () -> new Generator(1, -1), "-1");
    m.add("device", () -> Device.of("tpu:7"), "tpu:7", "cpu");
    m.add("device", () -> Device.of(""), "cpu");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadElementwise() {
    Mistakes m = new Mistakes();
    String[] both = {"[2, 3]", "[4]"};
    m.add("add", () -> f(2, 3).add(f(4)), both);
    m.add("sub", () -> f(2, 3).sub(f(4)), both);
    m.add("mul", () -> f(2, 3).mul(f(4)), both);
    m.add("div", () -> f(2, 3).div(f(4)), both);
    m.add("pow", () -> f(2, 3).pow(f(4)), both);
    m.add("max", () -> f(2, 3).maximum(f(4)), both);
    m.add("min", () -> f(2, 3).minimum(f(4)), both);
    m.add("mod", () -> f(2, 3).mod(f(4)), both);
    m.add("fmod", () -> f(2, 3).fmod(f(4)), both);
    m.add("eq", () -> f(2, 3).eq(f(4)), both);
    m.add("lt", () -> f(2, 3).lt(ints(4)), both);
    m.add("and", () -> bits(2, 3).and(bits(4)), both);
    m.add("where", () -> Tensor.where(bits(2, 3), f(4), f(4)), both);
    m.add("where", () -> Tensor.where(bits(2, 1), f(2, 3), f(4)), both);
    m.add("clamp", () -> f(2, 3).clamp(f(4), f()), both);
    m.add("clamp", () -> f(2, 3).clamp(f(), f(4)), both);
    m.add("add", () -> f(0).add(f(2)), "[0]", "[2]");
    m.add("neg", () -> bits(2, 3).neg(), "BOOL", "[2, 3]");
    m.add("abs", () -> bits(2, 3).abs(), "BOOL");
    m.add("relu", () -> bits(2, 3).relu(), "BOOL");
    m.add("floor", () -> bits(2, 3).floor(), "BOOL");
    m.add("add", () -> bits(2, 3).add(bits(3)), "BOOL", "[2, 3]");
    m.add("add", () -> bits(2).add(1), "BOOL", "[2]");
    m.add("mul", () -> bits(2).square(), "BOOL", "[2]");
    m.add("clamp", () -> bits(2).clamp(0, 1), "BOOL", "[2]");
    m.add("not", () -> f(2, 3).not(), "F32", "[2, 3]");
    m.add("and", () -> f(2, 3).and(bits(3)), "F32", "[2, 3]");
    m.add("or", () -> bits(3).or(ints(2, 3)), "I32", "[2, 3]");
    m.add("xor", () -> ints(3).xor(ints(3)), "I32", "[3]");
    m.add("where", () -> Tensor.where(f(2), f(2), f(2)), "F32", "[2]");
    m.add("add", () -> ints(2).add(0.5), "0.5", "I32");
    m.add("mul", () -> ints(2).mul(Double.NaN), "NaN", "I32");
    m.add("div", () -> ints(2).div(1e10), "1.0E10", "I32");
    m.add("gt", () -> ints(2).gt(0.5), "0.5", "I32");
    m.add("clamp", () -> ints(2).clamp(0.5, 2), "0.5", "I32");
    m.add("clamp", () -> ints(2).clamp(Double.NaN, 2), "NaN", "I32");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadAxes() {
    Mistakes m = new Mistakes();
    String shape = "[2, 3]";
    m.add("sum", () -> f(2, 3).sum(2), "2", shape);
    m.add("sum", () -> f(2, 3).sum(-3, true), "-3", shape);
    m.add("sum", () -> f(2, 3).sum(0, 0), "twice", shape);
    m.add("sum", () -> f(2, 3).sum(1, -1), "twice", shape);
    m.add("sum", () -> f().sum(0), "0", "[]");
    m.add("prod", () -> f(2, 3).prod(2), "2", shape);
    m.add("max", () -> f(2, 3).max(2), "2", shape);
    m.add("min", () -> f(2, 3).min(2), "2", shape);
    m.add("mean", () -> f(2, 3).mean(2), "2", shape);
    m.add("var", () -> f(2, 3).var(2), "2", shape);
    m.add("any", () -> f(2, 3).any(2), "2", shape);
    m.add("all", () -> f(2, 3).all(2), "2", shape);
    m.add("logSumExp", () -> f(2, 3).logSumExp(2), "2", shape);
    m.add("argmax", () -> f(2, 3).argmax(2), "2", shape);
    m.add("argmin", () -> f(2, 3).argmin(-3), "-3", shape);
    m.add("argmax", () -> f(2, 0).argmax(1), "empty", "[2, 0]");
    m.add("argmin", () -> f(0).argmin(), "empty", "[0]");
    m.add("softmax", () -> f(2, 3).softmax(2), "2", shape);
    m.add("softmax", () -> f().softmax(0), "0", "[]");
    m.add("logSoftmax", () -> f(2, 3).logSoftmax(-3), "-3", shape);
    m.add("dim", () -> f(2, 3).dim(2), "2", shape);
    m.add("transpose", () -> f(2, 3).transpose(0, 2), "2", shape);
    m.add("transpose", () -> f(3).transpose(), "[3]");
    m.add("permute", () -> f(2, 3).permute(0), "[0]", shape);
    m.add("permute", () -> f(2, 3).permute(0, 2), "2", shape);
    m.add("permute", () -> f(2, 3).permute(1, -1), "twice", shape);
    m.add("squeeze", () -> f(2, 1).squeeze(0), "0", "[2, 1]");
    m.add("squeeze", () -> f(2, 1).squeeze(2), "2", "[2, 1]");
    m.add("unsqueeze", () -> f(2, 3).unsqueeze(3), "3", shape);
    m.add("unsqueeze", () -> f(2, 3).unsqueeze(-4), "-4", shape);
    m.add("slice", () -> f(2, 3).slice(2, 0, 1), "2", shape);
    m.add("diagonal", () -> f(2, 3).diagonal(0, 2), "2", shape);
    m.add("diagonal", () -> f(2, 3).diagonal(1, -1), "same", shape);
    m.add("concat", () -> Tensor.concat(2, f(2, 3), f(2, 3)), "2", shape);
    m.add("concat", () -> Tensor.concat(0, f()), "0", "[]");
    m.add("stack", () -> Tensor.stack(3, f(2, 3), f(2, 3)), "3", shape);
    m.add("gather", () -> f(2, 3).gather(2, ints(2, 3)), "2", shape);
    m.add("indexSelect", () -> f(2, 3).indexSelect(2, ints(1)), "2", shape);
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadShapes() {
    Mistakes m = new Mistakes();
    m.add("matmul", () -> f(2, 3).matmul(f(4, 5)), "[2, 3]", "[4, 5]");
    m.add("matmul", () -> f(3).matmul(f(4)), "[3]", "[4]");
    m.add("matmul", () -> f().matmul(f(2)), "[]", "[2]");
    m.add("matmul", () -> f(2, 2).matmul(f()), "[2, 2]", "[]");
    m.add("matmul", () -> f(2, 3, 4).matmul(f(5, 4, 3)), "[2, 3, 4]", "[5, 4, 3]");
    m.add("matmul", () -> bits(2, 2).matmul(bits(2, 2)), "BOOL", "[2, 2]");
    m.add("reshape", () -> f(2, 3).reshape(4), "[2, 3]", "[4]");
    m.add("reshape", () -> f(2, 3).reshape(-1, -1), "[2, 3]", "[-1, -1]");
    m.add("reshape", () -> f(2, 3).reshape(-2, 3), "[2, 3]", "[-2, 3]");
    m.add("reshape", () -> f(2, 3).reshape(-1, 4), "[2, 3]", "[-1, 4]");
    m.add("reshape", () -> f(0, 3).reshape(-1, 0), "[0, 3]", "[-1, 0]");
    m.add("reshape", () -> f(2, 3).reshape(), "[2, 3]", "[]");
    m.add("reshape", () -> f(2, 3).reshape(1L << 62, 8, -1), "[2, 3]");
    m.add("broadcastTo", () -> f(2, 3).broadcastTo(3), "[2, 3]", "[3]");
    m.add("broadcastTo", () -> f(2, 3).broadcastTo(4, 3), "[2, 3]", "[4, 3]");
    m.add("broadcastTo", () -> f(2, 3).broadcastTo(1, 3), "[2, 3]", "[1, 3]");
    m.add("concat", () -> Tensor.concat(0), "no tensors");
    m.add("concat", () -> Tensor.concat(0, f(2, 3), f(2, 4)), "[2, 3]", "[2, 4]");
    m.add("concat", () -> Tensor.concat(0, f(2, 3), f(3)), "[2, 3]", "[3]");
    m.add("stack", () -> Tensor.stack(0), "no tensors");
    m.add("stack", () -> Tensor.stack(0, f(2), f(3)), "[2]", "[3]");
    m.add("gather", () -> f(2, 3).gather(0, ints(2)), "[2, 3]", "[2]");
    m.add("gather", () -> f(2, 3).gather(0, ints(4, 5)), "[2, 3]", "[4, 5]");
    m.add("gather", () -> f(2, 3).gather(0, f(2, 3)), "F32", "[2, 3]");
    m.add("gather", () -> f(2, 3).gather(0, bits(2, 3)), "BOOL", "[2, 3]");
    m.add("indexSelect", () -> f(2, 3).indexSelect(0, f(2)), "F32", "[2]");
    m.add("oneHot", () -> f(2).oneHot(3), "F32", "[2]");
    m.add("oneHot", () -> ints(2).oneHot(-1), "-1");
    m.add("item", () -> f(2).item(), "[2]");
    m.add("item", () -> f(0).itemLong(), "[0]");
    m.add("einsum", () -> Tensor.einsum("ij,jk->ik", f(2, 3)), "ij,jk->ik");
    m.add("einsum", () -> Tensor.einsum("ij,jk->ik", f(2, 3), f(4, 5)), "j", "ij,jk->ik");
    m.add("einsum", () -> Tensor.einsum("ij->i", f(2)), "[2]", "ij->i");
    m.add("einsum", () -> Tensor.einsum("ij->ik", f(2, 3)), "k");
    m.add("einsum", () -> Tensor.einsum("ij->ii", f(2, 3)), "i");
    m.add("einsum", () -> Tensor.einsum("ii->i", f(2, 3)), "i", "[2, 3]");
    m.add("einsum", () -> Tensor.einsum("i1->i", f(2, 3)), "1");
    m.add("einsum", () -> Tensor.einsum("i->i->i", f(2)), "i->i->i");
    m.add("einsum", () -> Tensor.einsum("i......->i", f(2)), "i......->i");
    m.add("einsum", () -> Tensor.einsum(""), "");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadIndices() {
    Mistakes m = new Mistakes();
    Class<IndexOutOfBoundsException> bounds = IndexOutOfBoundsException.class;
    m.add(bounds, "index", () -> f(2, 3).get(2), "2", "[2, 3]");
    m.add(bounds, "index", () -> f(2, 3).get(0, -4), "-4", "[2, 3]");
    m.add(bounds, "index", () -> f(0, 3).get(0), "0", "[0, 3]");
    m.add(bounds, "index", () -> f(2, 3).index(Index.at(Long.MIN_VALUE)), "[2, 3]");
    m.add("index", () -> f(2, 3).get(0, 0, 0), "3", "[2, 3]");
    m.add("index", () -> f().get(0), "1", "[]");
    m.add("index", () -> f(2).index(Index.ellipsis(), Index.ellipsis()), "ellipsis", "[2]");
    m.add("index", () -> Index.every(0), "0");
    m.add("index", () -> Index.range(0, 1, 0), "0");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadGradientCalls() {
    Mistakes m = new Mistakes();
    Class<IllegalStateException> state = IllegalStateException.class;
    m.add("backward", () -> f(2).requiresGrad(true).backward(), "[2]");
    m.add(state, "backward", () -> f(2).sum().backward());
    m.add("backward", () -> f(2).requiresGrad(true).backward(f(3)), "[2]", "[3]");
    m.add(
        "backward",
        () -> f(2).requiresGrad(true).backward(Tensor.ones(DType.F64, 2)),
        "F32",
        "F64");
    m.add("requiresGrad", () -> ints(2).requiresGrad(true), "I32");
    m.add(state, "requiresGrad", () -> f(2).requiresGrad(true).neg().requiresGrad(false));
    m.add(state, "assign", () -> f(2).requiresGrad(true).neg().assign(f(2)));
    m.add("assign", () -> f(2).assign(f(3)), "[2]", "[3]");
    m.add("assign", () -> f(3).assign(f(2, 3)), "[3]", "[2, 3]");
    m.add("assign", () -> f(3).assign(ints(3)), "F32", "I32");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseBadModels() {
    Mistakes m = new Mistakes();
    m.add("linear", () -> new Linear(0, 3), "0", "3");
    m.add("linear", () -> new Linear(3, -1), "3", "-1");
    m.add("linear", () -> new Linear(f(2, 3), f(2)), "[2, 3]", "[2]");
    m.add("linear", () -> new Linear(f(2), f(2)), "[2]");
    m.add("squaredError", () -> Losses.squaredError(f(2), f(2, 1)), "[2]", "[2, 1]");
    m.add("squaredError", () -> Losses.squaredError(f(0), f(0)), "[0]");
    m.add("squaredError", () -> Losses.squaredError(f(), f()), "[]");
    m.add(
        "binaryCrossEntropyWithLogits",
        () -> Losses.binaryCrossEntropyWithLogits(f(2), f(3)),
        "[2]",
        "[3]");
    m.add(
        "binaryCrossEntropyWithLogits",
        () -> Losses.binaryCrossEntropyWithLogits(f(2), bits(2)),
        "BOOL");
    m.add("crossEntropy", () -> Losses.crossEntropy(f(2, 3), ints(3)), "[2, 3]", "[3]");
    m.add("crossEntropy", () -> Losses.crossEntropy(f(2, 3), f(2)), "F32", "[2]");
    m.add("crossEntropy", () -> Losses.crossEntropy(f(2), ints(2)), "[2]");
    m.add("crossEntropy", () -> Losses.crossEntropy(f(0, 3), ints(0)), "[0, 3]");
    m.add("l2", () -> Losses.l2(1, List.of()));
    m.add("optimizer", () -> new Sgd(List.of(f(2)), 0.1), "[2]");
    m.add("optimizer", () -> new Sgd(List.of(), Double.NaN), "NaN");
    m.add("optimizer", () -> new Sgd(List.of(), -1), "-1");
    m.add("optimizer", () -> new Sgd(List.of(), Double.POSITIVE_INFINITY), "Infinity");
    m.add("optimizer", () -> new Sgd(List.of(), 1, -0.5, false, 0), "-0.5");
    m.add("optimizer", () -> new Sgd(List.of(), 1, 1.0, false, 0), "1.0");
    m.add("optimizer", () -> new Sgd(List.of(), 1, 0, true, 0));
    m.add("optimizer", () -> new Sgd(List.of(), 1, 0, false, -1), "-1");
    m.add("optimizer", () -> new Adam(List.of(), 1, 1, 0.9, 1e-8, 0), "1.0");
    m.add("optimizer", () -> new Adam(List.of(), 1, 0.9, Double.NaN, 1e-8, 0), "NaN");
    m.add("optimizer", () -> new Adam(List.of(), 1, 0.9, 0.9, -1, 0), "-1");
    m.add("optimizer", () -> Adam.adamW(List.of(), 1, -1), "-1");
    m.add("optimizer", () -> new Sgd(List.of(), 1).setLearningRate(-2), "-2");
    return m.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseMixedDevices() {
    Device other = Device.on(new FaultyBackend(Modes.backend()));
    Mistakes m = new Mistakes();
    String id = other.id();
    m.add("add", () -> f(2).add(f(2).to(other)), id);
    m.add("sub", () -> f(2).to(other).sub(f(2)), id);
    m.add("where", () -> Tensor.where(bits(2), f(2), f(2).to(other)), id);
    m.add("clamp", () -> f(2).clamp(f(2).to(other), f(2)), id);
    m.add("matmul", () -> f(2, 2).matmul(f(2, 2).to(other)), id);
    m.add("concat", () -> Tensor.concat(0, f(2), f(2).to(other)), id);
    m.add("concat", () -> Tensor.stack(0, f(2), f(2).to(other)), id);
    m.add("gather", () -> f(2).gather(0, ints(1).to(other)), id);
    m.add("indexSelect", () -> f(2).indexSelect(0, ints(1).to(other)), id);
    m.add("assign", () -> f(2).assign(f(2).to(other)), id);
    m.add("backward", () -> f(2).requiresGrad(true).neg().backward(f(2).to(other)), id);
    return m.stream();
  }

  @Test
  void shouldStayUsableAfterMistakes() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    assertThrows(IllegalArgumentException.class, () -> x.add(f(3)));
    assertThrows(IllegalArgumentException.class, () -> x.add(1).matmul(f(3)));

    assertArrayEquals(new float[] {2, 3}, x.add(1).toFloatArray());
  }

  @Test
  void shouldRefuseMoreElementsThanAnArrayHolds() {
    Tensor huge = Tensor.zeros(1L << 40);

    assertThrows(IllegalArgumentException.class, huge::toFloatArray);
  }
}
