package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.Tensor;
import dev.quern.spi.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Elementwise operations: every row on every type, size, layout and edge case. */
abstract class OpTck extends Tck {
  private static final int[] SIZES = {0, 1, 31, 33, 257, 65537};
  private static final long[][] MATRICES = {{0, 5}, {1, 1}, {3, 11}, {17, 16}, {2, 3, 4, 5}};
  private static final long[] LARGE_MATRIX = {257, 129};

  private static final long[][][] BROADCASTS = {
    {{3, 1}, {1, 4}},
    {{2, 3, 4}, {4}},
    {{2, 1, 4}, {3, 1}},
    {{}, {5}},
    {{5}, {}},
    {{}, {}},
    {{1}, {2, 1, 3}},
    {{0, 3}, {1, 3}},
    {{1}, {0}},
    {{17, 31}, {31}},
    {{17, 31}, {17, 1}},
    {{2, 3, 1, 5}, {1, 3, 4, 1}}
  };

  @Test
  void shouldHaveRowForEveryOp() {
    Set<Op> missing = EnumSet.allOf(Op.class);
    missing.removeAll(CastTck.COVERED);
    OpRows.all().forEach(row -> missing.remove(row.op));

    assertEquals(Set.of(), missing, "ops without a row in OpRows");
  }

  @Test
  void shouldCheckGradientOfEveryDifferentiableOp() {
    Set<Op> missing = EnumSet.allOf(Op.class);
    missing.removeIf(op -> !op.isDifferentiable() || CastTck.COVERED.contains(op));
    OpRows.all().stream().filter(OpRow::hasGradient).forEach(row -> missing.remove(row.op));

    assertEquals(Set.of(), missing, "ops whose row has no gradient domain");
  }

  @TestFactory
  Stream<DynamicTest> shouldGetSpecialValuesRight() {
    return perRowAndType((row, dtype) -> specialValues(row, dtype));
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchOracleAtAnySize() {
    return perRowAndType(
        (row, dtype) -> {
          for (int size : SIZES) {
            if (size > 1000 && (row.op == null || dtype == DType.F64 || dtype == DType.I64)) {
              // Threads share work alike for all types; the oracle would take most of the time.
              continue;
            }
            List<Values> operands = operands(row, dtype, size + 1, size);
            check(row, "[" + size + "]", dtype, operands, Layout.CONTIGUOUS, Layout.CONTIGUOUS);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchOracleInAnyLayout() {
    return perRowAndType(
        (row, dtype) -> {
          for (Layout layout : Layout.values()) {
            for (long[] dims : MATRICES) {
              // Operands lie differently, so that no common loop fits them by chance.
              Layout other = Layout.values()[(layout.ordinal() + 3) % Layout.values().length];
              String what = layout + " " + Arrays.toString(dims);
              check(row, what, dtype, operands(row, dtype, 5, dims), layout, other);
              if (row.arity > 1) {
                check(row, what, dtype, operands(row, dtype, 6, dims), layout, layout);
              }
            }
          }
          if (row.op != null && dtype != DType.F64 && dtype != DType.I64) {
            List<Values> large = operands(row, dtype, 7, LARGE_MATRIX);
            check(row, "large", dtype, large, Layout.TRANSPOSED, Layout.EVERY_OTHER);
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldBroadcast() {
    return perRowAndType(
        (row, dtype) -> {
          for (long[][] pair : BROADCASTS) {
            long[][] dims =
                switch (row.arity) {
                  case 1 -> new long[][] {pair[0]};
                  case 2 -> pair;
                  default -> new long[][] {pair[0], pair[1], {}};
                };
            for (int turn = 0; turn < row.arity; turn++) {
              List<long[]> turned = new ArrayList<>(List.of(dims));
              Collections.rotate(turned, turn);
              checkBroadcast(row, dtype, turned, pair);
            }
          }
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldTakeTheSameOperandTwice() {
    return perRowAndType(
        OpRows.all().stream().filter(row -> row.arity > 1 && row.kind != OpRow.Kind.SELECT),
        (row, dtype) -> {
          Values x = row.sample(0, dtype, 8, 33);
          Tensor tensor = x.upload();
          Tensor[] same = Collections.nCopies(row.arity, tensor).toArray(new Tensor[0]);

          row.check("x op x", dtype, Collections.nCopies(row.arity, x), row.call.apply(same));
        });
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    return OpRows.all().stream()
        .filter(OpRow::hasGradient)
        .map(
            row ->
                test(
                    row.name,
                    () -> {
                      for (DType dtype : List.of(DType.F64, DType.F32)) {
                        OpGradients.check(row, dtype, new long[] {2, 3}, new long[] {2, 3});
                        OpGradients.check(row, dtype, new long[] {2, 3}, new long[] {3});
                        OpGradients.check(row, dtype, new long[] {2, 1}, new long[] {3});
                        OpGradients.check(row, dtype, new long[] {}, new long[] {2, 2});
                        OpGradients.check(row, dtype, new long[] {0, 3}, new long[] {1, 3});
                      }
                    }));
  }

  @Test
  void shouldPromoteMixedTypes() {
    for (DType a : DType.values()) {
      for (DType b : DType.values()) {
        if (a == DType.BOOL && b == DType.BOOL) {
          continue;
        }
        Values x = Samples.whole(a, 1, 9, 7);
        Values y = Samples.whole(b, 2, 9, 7);
        DType common = promoted(a, b);
        Values expected =
            OpRow.binary("add", Op.ADD, OpRow.Kind.NUMERIC, Tensor::add, Double::sum, Long::sum)
                .expected(common, List.of(x.cast(common), y.cast(common)));

        Expect.same(a + " + " + b, expected, x.upload().add(y.upload()));
      }
    }
  }

  // PyTorch's table.
  private static DType promoted(DType a, DType b) {
    if ((a == DType.F16 && b == DType.BF16) || (a == DType.BF16 && b == DType.F16)) {
      return DType.F32;
    }
    List<DType> order =
        List.of(DType.BOOL, DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64);
    return order.indexOf(a) > order.indexOf(b) ? a : b;
  }

  @Test
  void shouldKeepTypeWithScalar() {
    for (DType dtype : List.of(DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64)) {
      assertEquals(dtype, Tensor.ones(dtype, 3).add(2).dtype());
      assertEquals(dtype, Tensor.ones(dtype, 3).mul(2).dtype());
    }
  }

  @Test
  void shouldRoundScalarToType() {
    double sum = Tensor.zeros(1).add(0.1).item();

    assertEquals(0.1f, sum, 0);
  }

  @Test
  void shouldBeCommutativeInBits() {
    Tensor x = Samples.uniform(DType.F32, 3, -1, 1, 257).upload();
    Tensor y = Samples.uniform(DType.F32, 4, -1, 1, 257).upload();

    Expect.same(Values.read(x.add(y)), y.add(x));
    Expect.same(Values.read(x.mul(y)), y.mul(x));
  }

  @Test
  void shouldTakeEmptyShapesOfAnyRank() {
    Tensor empty = Tensor.zeros(2, 0, 3);

    assertEquals(0, empty.add(1).exp().toFloatArray().length);
    assertEquals(0, empty.add(Tensor.ones(2, 1, 1)).sum().item(), 0);
  }

  private static void specialValues(OpRow row, DType dtype) {
    List<Values> operands = new ArrayList<>();
    int total = 1;
    for (int i = 0; i < row.arity; i++) {
      total *= specials(row, i, dtype).size();
    }
    int period = 1;
    for (int i = 0; i < row.arity; i++) {
      Values values = specials(row, i, dtype);
      int every = period;
      // All combinations: operand i changes every `period` places.
      operands.add(values.pick(new long[] {total}, k -> k / every % values.size()));
      period *= values.size();
    }
    check(row, "special values", dtype, operands, Layout.CONTIGUOUS, Layout.CONTIGUOUS);
    check(row, "special values", dtype, operands, Layout.REVERSED, Layout.EVERY_OTHER);
  }

  private static Values specials(OpRow row, int operand, DType dtype) {
    DType type = row.operandType(operand, dtype);
    if (!type.isFloat()) {
      long[] values = Samples.specialIntegers(type);
      return Values.integers(type, values, values.length);
    }
    double[] values = row.arity == 3 ? Samples.fewSpecial(type) : Samples.special(type);
    return Values.reals(type, values, values.length);
  }

  private static void checkBroadcast(OpRow row, DType dtype, List<long[]> dims, long[]... pair) {
    List<Values> operands = new ArrayList<>();
    for (int i = 0; i < dims.size(); i++) {
      operands.add(row.sample(i, dtype, 9, dims.get(i)));
    }
    String what = Arrays.deepToString(dims.toArray());
    check(row, what, dtype, operands, Layout.CONTIGUOUS, Layout.SLICED);
    if (row.arity == 1) {
      // A unary operation meets a broadcast only as a view of its operand.
      long[] target = Values.broadcast(pair[0], pair[1]);
      scoped(
          () -> {
            Tensor view = operands.get(0).upload().broadcastTo(target);
            Values spread = operands.get(0).broadcastTo(target);
            row.check(
                "broadcast " + what, dtype, List.of(spread), row.call.apply(new Tensor[] {view}));
          });
    }
  }

  private static List<Values> operands(OpRow row, DType dtype, long seed, long... dims) {
    List<Values> operands = new ArrayList<>();
    for (int i = 0; i < row.arity; i++) {
      operands.add(row.sample(i, dtype, seed, dims));
    }
    return operands;
  }

  private static void check(
      OpRow row, String what, DType dtype, List<Values> operands, Layout first, Layout others) {
    scoped(
        () -> {
          Tensor[] tensors = new Tensor[row.arity];
          for (int i = 0; i < tensors.length; i++) {
            tensors[i] = (i == 0 ? first : others).of(operands.get(i));
          }
          row.check(what, dtype, operands, row.call.apply(tensors));
        });
  }

  /** What is checked for one row and type. */
  private interface Body {
    void run(OpRow row, DType dtype);
  }

  private static Stream<DynamicTest> perRowAndType(Body body) {
    return perRowAndType(OpRows.all().stream(), body);
  }

  private static Stream<DynamicTest> perRowAndType(Stream<OpRow> rows, Body body) {
    return rows.flatMap(
        row ->
            row.kind.dtypes.stream()
                .map(dtype -> test(row.name + " " + dtype, () -> body.run(row, dtype))));
  }
}
