package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.cpu.Fixture.Mode;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

/** Neither threads nor SIMD change a bit; all NaNs count as one. */
class SameBitsTest {
  private final List<Mode> modes = Fixture.modes();
  private final Fixture fixture = new Fixture(5);

  @Test
  void shouldComputeEveryElementwiseOpAlike() {
    for (Op op : Op.values()) {
      if (op.typing() == Op.Typing.LOGIC) {
        continue;
      }
      DType first = op == Op.WHERE ? DType.BOOL : DType.F32;
      DType result = op.resultType(DType.F32);
      for (int size : new int[] {1, 15, 16, 17, 257, 3000, 70_001}) {
        View a = fixture.view(first, true, size);
        View b = fixture.view(DType.F32, true, size);
        View c = fixture.view(DType.F32, true, size);
        Instruction code =
            new Instruction(op, result, 0, op.arity() > 1 ? 1 : -1, op.arity() > 2 ? 2 : -1);
        Program program =
            new Program(
                new DType[] {first, DType.F32, DType.F32},
                new DType[0],
                new long[0],
                new Instruction[] {code},
                new int[] {3});
        expectAlike(
            op + " of " + size,
            Fixture.zeros(result, size),
            (mode, out) -> mode.map(program, List.of(a, b, c), List.of(out)));
      }
    }
  }

  @Test
  void shouldComputeTwoOpsInARowAlike() {
    for (Op first : List.of(Op.ADD, Op.SUB, Op.MUL, Op.DIV)) {
      for (Op second : List.of(Op.ADD, Op.SUB, Op.MUL, Op.RELU, Op.MAX)) {
        for (boolean turned : new boolean[] {false, true}) {
          if (turned && second == Op.RELU) {
            continue;
          }
          int other = second == Op.RELU ? -1 : 2;
          Program program =
              new Program(
                  new DType[] {DType.F32, DType.F32, DType.F32},
                  new DType[0],
                  new long[0],
                  new Instruction[] {
                    new Instruction(first, DType.F32, 0, 1, -1),
                    new Instruction(second, DType.F32, turned ? 2 : 3, turned ? 3 : other, -1)
                  },
                  new int[] {4});
          for (int size : new int[] {5, 1500, 70_001}) {
            View a = fixture.view(DType.F32, true, size);
            View b = fixture.view(DType.F32, true, size);
            View c = fixture.view(DType.F32, true, size);
            expectAlike(
                first + " then " + second + " of " + size,
                Fixture.zeros(DType.F32, size),
                (mode, out) -> mode.map(program, List.of(a, b, c), List.of(out)));
            expectAlike(
                first + " then " + second + " onto the last operand, of " + size,
                Fixture.zeros(DType.F32, size),
                (mode, out) -> {
                  mode.map(Program.copy(DType.F32), List.of(c), List.of(out));
                  mode.map(program, List.of(a, b, out), List.of(out));
                });
          }
        }
      }
    }
  }

  @Test
  void shouldComputeTwoOpsAndReluAlike() {
    for (Op second : List.of(Op.ADD, Op.SUB, Op.MUL)) {
      for (boolean turned : new boolean[] {false, true}) {
        // The result of the two is an output as well, or not.
        for (boolean both : new boolean[] {false, true}) {
          Program program =
              new Program(
                  new DType[] {DType.F32, DType.F32, DType.F32},
                  new DType[0],
                  new long[0],
                  new Instruction[] {
                    new Instruction(Op.MUL, DType.F32, 0, 1, -1),
                    new Instruction(second, DType.F32, turned ? 2 : 3, turned ? 3 : 2, -1),
                    new Instruction(Op.RELU, DType.F32, 4, -1, -1)
                  },
                  both ? new int[] {5, 4} : new int[] {5});
          for (int size : new int[] {5, 1500, 70_001}) {
            View a = fixture.view(DType.F32, true, size);
            View b = fixture.view(DType.F32, true, size);
            View c = fixture.view(DType.F32, true, size);
            View between = Fixture.zeros(DType.F32, size);
            expectAlike(
                "MUL then " + second + " then RELU onto the last operand, of " + size,
                Fixture.zeros(DType.F32, size),
                (mode, out) -> {
                  mode.map(Program.copy(DType.F32), List.of(c), List.of(out));
                  mode.map(
                      program, List.of(a, b, out), both ? List.of(out, between) : List.of(out));
                });
            expectAlike(
                "MUL then " + second + " then RELU of " + size,
                Fixture.zeros(DType.F32, size),
                (mode, out) ->
                    mode.map(
                        program, List.of(a, b, c), both ? List.of(out, between) : List.of(out)));
          }
        }
      }
    }
  }

  @Test
  void shouldReduceAlike() {
    long[][] shapes = {
      {3, 100_000}, {70_000, 3}, {500, 777}, {1, 1}, {40, 17}, {9, 3000}, {1100, 37}
    };
    for (Reduction reduction : Reduction.values()) {
      for (DType dtype : new DType[] {DType.F32, DType.F64}) {
        for (long[] shape : shapes) {
          for (int kept = 0; kept <= 2; kept++) {
            View rows = fixture.view(dtype, false, shape);
            View columns = turn(fixture.view(dtype, false, shape[1], shape[0]));
            long[] outShape = java.util.Arrays.copyOf(shape, kept);
            int axes = kept;
            for (View in : List.of(rows, columns)) {
              expectAlike(
                  reduction + " of " + in.shape()[0] + " x " + in.shape()[1] + ", " + kept,
                  Fixture.zeros(dtype, outShape),
                  (mode, out) ->
                      mode.reduce(reduction, Program.copy(dtype), List.of(in), axes, out));
            }
          }
        }
      }
    }
  }

  // SIMD reads long rows from where lines of the cache begin, not from where the row does.
  @Test
  void shouldSumLongRowsFromAnyPlaceAlike() {
    int size = 150_000;
    View all = fixture.view(DType.F32, false, size);
    float[] values = (float[]) CpuBuffer.array(all);
    Arrays.fill(values, 1000, 40_000, -0f);
    Arrays.fill(values, 70_000, 100_000, Float.MIN_VALUE);
    for (int start = 0; start < 20; start++) {
      for (int length : new int[] {32 << 10, 33_000, 65 << 10, 128 << 10, size - 20}) {
        View row =
            new View(all.buffer(), new long[] {length}, new long[] {1}, all.offset() + start);
        expectAlike(
            "sum of " + length + " from " + start,
            Fixture.zeros(DType.F32),
            (mode, out) ->
                mode.reduce(Reduction.SUM, Program.copy(DType.F32), List.of(row), 0, out));
      }
    }
  }

  @Test
  void shouldReduceAFusedProgramLikeItsStoredValue() {
    View a = fixture.view(DType.F32, false, 300, 2100);
    View b = fixture.view(DType.F32, false, 300, 2100);
    Program difference =
        new Program(
            new DType[] {DType.F32, DType.F32},
            new DType[0],
            new long[0],
            new Instruction[] {new Instruction(Op.SUB, DType.F32, 0, 1, -1)},
            new int[] {2});
    for (Mode mode : modes) {
      for (int kept = 0; kept < 2; kept++) {
        long[] shape = kept == 0 ? new long[0] : new long[] {300};
        View fused = Fixture.zeros(DType.F32, shape);
        View stored = Fixture.zeros(DType.F32, shape);
        View between = Fixture.zeros(DType.F32, 300, 2100);
        CpuBackend cpu = mode.backend();

        cpu.reduce(Reduction.SUM, difference, List.of(a, b), kept, fused);
        cpu.map(difference, List.of(a, b), List.of(between));
        cpu.reduce(Reduction.SUM, Program.copy(DType.F32), List.of(between), kept, stored);

        assertSameBits(mode.name(), stored, fused);
      }
    }
  }

  @Test
  void shouldMultiplyAlike() {
    for (int round = 0; round < 60; round++) {
      DType dtype = round % 2 == 0 ? DType.F32 : DType.F64;
      int m = fixture.extent() * (round % 3 + 1);
      int n = fixture.extent() * (round % 5 + 1);
      int k = fixture.extent() * (round % 7 + 1);
      View a = fixture.strided(dtype, 1, m, k);
      View b = fixture.strided(dtype, 1, k, n);
      View bias = fixture.strided(dtype, 1, m, n);
      expectAlike(
          m + " x " + n + " x " + k,
          Fixture.zeros(dtype, 1, m, n),
          (mode, out) -> mode.matmul(a, b, new Epilogue(bias, Op.SIGMOID), Precision.F32, out));
    }
  }

  @Test
  void shouldMultiplyWithOneShortSideAlike() {
    int[][] shapes = {{131, 1}, {131, 2}, {1, 131}, {3, 131}, {4, 9}, {130, 10}, {6, 7}, {1, 1}};
    for (int[] shape : shapes) {
      for (int k : new int[] {1, 15, 16, 67, 100, 256, 525, 1100}) {
        View rows = fixture.view(DType.F32, false, 1, shape[0], k);
        View columns = MatmulKernel.transpose(fixture.view(DType.F32, false, 1, k, shape[0]));
        View b = fixture.view(DType.F32, false, 1, k, shape[1]);
        View turned = MatmulKernel.transpose(fixture.view(DType.F32, false, 1, shape[1], k));
        View full = fixture.view(DType.F32, false, 1, shape[0], shape[1]);
        View row = fixture.view(DType.F32, false, 1, 1, shape[1]);
        View spread = new View(row.buffer(), full.shape(), new long[] {0, 0, 1}, row.offset());
        for (View a : List.of(rows, columns)) {
          for (View with : List.of(b, turned)) {
            for (View bias : List.of(full, spread)) {
              expectAlike(
                  shape[0] + " x " + shape[1] + " x " + k,
                  Fixture.zeros(DType.F32, 1, shape[0], shape[1]),
                  (mode, out) ->
                      mode.matmul(a, with, new Epilogue(bias, Op.RELU), Precision.F32, out));
            }
          }
        }
      }
    }
  }

  // Rows that the usual tiles do not fill, and more than one step of the depth.
  @Test
  void shouldMultiplyWithAnyNumberOfRowsAlike() {
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      for (int m : new int[] {8, 16, 18, 23, 28, 32, 64}) {
        for (int k : new int[] {40, 600}) {
          View rows = fixture.view(dtype, false, 1, m, k);
          View columns = MatmulKernel.transpose(fixture.view(dtype, false, 1, k, m));
          View b = fixture.view(dtype, false, 1, k, 70);
          for (View a : List.of(rows, columns)) {
            expectAlike(
                m + " x 70 x " + k,
                Fixture.zeros(dtype, 1, m, 70),
                (mode, out) -> mode.matmul(a, b, Epilogue.NONE, Precision.F32, out));
          }
        }
      }
    }
  }

  // Each product is below all floats: whether a sum of them is 0 or -0 depends on how it is begun.
  @Test
  void shouldAddUpWhatUnderflowsAlike() {
    int[][] shapes = {
      {1, 1, 16}, {5, 1, 32}, {4, 7, 256}, {9, 10, 512}, {150, 9, 256}, {30, 40, 64}
    };
    for (int[] shape : shapes) {
      int m = shape[0];
      int n = shape[1];
      int k = shape[2];
      View a = filled(1e-30f, m, k);
      View b = filled(-1e-30f, k, n);
      for (View left : List.of(a, MatmulKernel.transpose(filled(1e-30f, k, m)))) {
        for (View right : List.of(b, MatmulKernel.transpose(filled(-1e-30f, n, k)))) {
          expectAlike(
              m + " x " + n + " x " + k,
              Fixture.zeros(DType.F32, 1, m, n),
              (mode, out) -> mode.matmul(left, right, Epilogue.NONE, Precision.F32, out));
        }
      }
    }
  }

  private static View filled(float value, int rows, int columns) {
    View view = Fixture.zeros(DType.F32, 1, rows, columns);
    Arrays.fill((float[]) CpuBuffer.array(view), value);
    return view;
  }

  @Test
  void shouldComputeSoftmaxAlike() {
    for (long[] shape : new long[][] {{1, 1}, {333, 10}, {7, 1000}, {6, 2050}, {5, 30_000}}) {
      for (boolean log : new boolean[] {false, true}) {
        View in = fixture.view(DType.F32, shape[0] == 333, shape);
        expectAlike(
            "softmax of " + shape[0] + " x " + shape[1],
            Fixture.zeros(DType.F32, shape),
            (mode, out) -> mode.softmax(log, in, out));
      }
    }
  }

  private static View turn(View view) {
    return new View(
        view.buffer(),
        new long[] {view.shape()[1], view.shape()[0]},
        new long[] {view.strides()[1], view.strides()[0]},
        view.offset());
  }

  private void expectAlike(String what, View out, BiConsumer<CpuBackend, View> work) {
    work.accept(modes.get(0).backend(), out);
    for (Mode mode : modes.subList(1, modes.size())) {
      View other = Fixture.zeros(out.dtype(), out.shape());

      work.accept(mode.backend(), other);

      assertSameBits(what + ", " + mode.name(), out, other);
    }
  }

  private static void assertSameBits(String what, View expected, View actual) {
    Object e = CpuBuffer.array(expected);
    Object a = CpuBuffer.array(actual);
    long size = expected.size();
    assertEquals(e.getClass(), a.getClass());
    for (int i = 0; i < size; i++) {
      boolean same;
      if (e instanceof float[] x) {
        same = Float.compare(x[i], ((float[]) a)[i]) == 0;
      } else if (e instanceof double[] x) {
        same = Double.compare(x[i], ((double[]) a)[i]) == 0;
      } else {
        same = ((byte[]) e)[i] == ((byte[]) a)[i];
      }
      if (!same) {
        fail(what + ": element " + i + ": " + show(e, i) + " and " + show(a, i));
      }
    }
    assertTrue(size > 0);
  }

  private static String show(Object array, int i) {
    return String.valueOf(java.lang.reflect.Array.get(array, i));
  }
}
