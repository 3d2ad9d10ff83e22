package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Tensor;
import dev.quern.nn.Normalizations;
import dev.quern.optim.Adam;
import dev.quern.random.Generator;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.View;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The 16-bit floating types: their casts, and what is computed in F32 and rounded once. */
abstract class HalfTck extends Tck {
  private static final List<DType> HALVES = List.of(DType.F16, DType.BF16);

  private static short[] allBits() {
    short[] bits = new short[1 << 16];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) i;
    }
    return bits;
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldWidenEveryPatternExactlyAndBack(DType dtype) {
    short[] bits = allBits();
    Tensor x = Tensor.ofBits(dtype, bits, bits.length);

    float[] wide = x.cast(DType.F32).toFloatArray();
    short[] back = x.cast(DType.F32).cast(dtype).toBits();

    for (int i = 0; i < bits.length; i++) {
      double value = Rounding.decode(dtype, bits[i]);
      int expected = Float.floatToIntBits((float) value);
      assertEquals(expected, Float.floatToRawIntBits(wide[i]), "pattern " + i);
      assertEquals(Rounding.encode(dtype, value), back[i], "pattern " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldMoveEveryBit(DType dtype) {
    short[] bits = allBits();
    Tensor x = Tensor.ofBits(dtype, bits, 256, 256);

    Tensor moved = x.transpose().contiguous().transpose().contiguous();
    Tensor chosen = Tensor.where(Tensor.ones(DType.BOOL, 256, 256), x, x.zerosLike());

    assertArrayEquals(bits, moved.toBits());
    assertArrayEquals(bits, chosen.toBits());
  }

  /** Numbers, the midpoints between neighbours, and what lies next to a midpoint. */
  private static double[] hardToRound(DType dtype, boolean single) {
    short[] bits = allBits();
    List<Double> out = new ArrayList<>();
    for (int i = 0; i < 0x7fff; i += 7) {
      double low = Rounding.decode(dtype, bits[i]);
      if (!Double.isFinite(low)) {
        break;
      }
      double middle = low + Rounding.ulp(low, dtype) / 2;
      double next = single ? Math.nextUp((float) middle) : Math.nextUp(middle);
      double before = single ? Math.nextDown((float) middle) : Math.nextDown(middle);
      for (double value : new double[] {middle, next, before}) {
        out.add(value);
        out.add(-value);
      }
    }
    for (double special : Samples.special(single ? DType.F32 : DType.F64)) {
      out.add(special);
    }
    double over = Rounding.max(dtype) + Rounding.ulp(Rounding.max(dtype), dtype) / 2;
    out.add(over);
    out.add(single ? Math.nextDown((float) over) : Math.nextDown(over));
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 20_000; i++) {
      double any = Float.intBitsToFloat(random.nextInt());
      out.add(single ? any : any * (1 + 0x1p-40));
    }
    return out.stream().mapToDouble(v -> v).toArray();
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldRoundFloatsAndDoublesOnce(DType dtype) {
    for (DType from : List.of(DType.F32, DType.F64)) {
      double[] values = hardToRound(dtype, from == DType.F32);
      Values x = Values.reals(from, values, values.length);

      short[] bits = x.upload().cast(dtype).toBits();

      for (int i = 0; i < bits.length; i++) {
        short expected = Rounding.encode(dtype, Rounding.round(dtype, x.real(i)));
        assertEquals(expected, bits[i], from + " " + Double.toHexString(x.real(i)));
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldRoundIntegersOnce(DType dtype) {
    SplittableRandom random = new SplittableRandom(6);
    long[] values = new long[20_000];
    for (int i = 0; i < values.length; i++) {
      long leading = 1L << random.nextInt(63);
      long middle = leading | leading >>> Rounding.precision(dtype);
      values[i] = (middle + random.nextInt(-1, 2)) * (random.nextBoolean() ? 1 : -1);
    }
    values[0] = Long.MIN_VALUE;
    values[1] = Long.MAX_VALUE;
    values[2] = (1L << 62) + (1L << 54) + 1;
    for (DType from : List.of(DType.I64, DType.I32)) {
      Values x = Values.integers(from, values, values.length);

      Expect.same(from + " to " + dtype, x.cast(dtype), x.upload().cast(dtype));
    }
  }

  @TestFactory
  Stream<DynamicTest> shouldRoundEveryOperationOnce() {
    return OpRows.all().stream()
        .filter(row -> row.kind != OpRow.Kind.LOGIC)
        .flatMap(
            row ->
                HALVES.stream().map(dtype -> test(row.name + " " + dtype, () -> run(row, dtype))));
  }

  private static void run(OpRow row, DType dtype) {
    List<Values> operands = new ArrayList<>();
    for (int i = 0; i < row.arity; i++) {
      operands.add(row.sample(i, dtype, 11, 257));
    }
    Tensor y = row.call.apply(operands.stream().map(Values::upload).toArray(Tensor[]::new));
    if (row.bound == Bound.EXACT) {
      row.check("16 bits", dtype, operands, y);
      return;
    }
    Values exact = row.expected(dtype, operands);
    double[] x = new double[row.arity];
    Expect.near(
        row.name + " " + dtype,
        exact,
        i -> {
          for (int j = 0; j < x.length; j++) {
            x[j] = operands.get(j).real(i);
          }
          double inF32 = row.bound.allowed(exact.real(i), x, DType.F32);
          return Rounding.ulp(exact.real(i), dtype) / 2 + 2 * inF32;
        },
        y);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldKeepTheTypeAndMeetScalarsInF32(DType dtype) {
    Tensor x = Tensor.ones(dtype, 3);

    Tensor y = x.div(100_000);

    assertEquals(dtype, y.dtype());
    assertEquals(Rounding.round(dtype, 1e-5), y.toDoubleArray()[0]);
    assertEquals(DType.BOOL, x.gt(0.5).dtype());
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldReduceInF32(DType dtype) {
    Tensor ones = Tensor.ones(dtype, 70, 1000);

    assertEquals(Rounding.round(dtype, 1000.0), ones.sum(1).toDoubleArray()[0]);
    assertEquals(1, ones.mean().item());
    assertEquals(Rounding.round(dtype, 300.0 * Math.sqrt(1000)), norm(ones));
    assertEquals(dtype, ones.sum().dtype());
    assertEquals(dtype == DType.F16 ? Double.POSITIVE_INFINITY : 0x1.12p16, ones.sum().item());
    assertEquals(0.001, ones.softmax(1).toDoubleArray()[0], 0.001 * Bound.epsilon(dtype) * 1.01);
    assertEquals(Rounding.round(dtype, 1000.0), ones.cumsum(1).max().item());
  }

  private static double norm(Tensor ones) {
    // The squares add up to more than F16 holds.
    return ones.mul(300).norm(2, new int[] {1}, false).toDoubleArray()[0];
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldStandardizeInF32(DType dtype) {
    Values x = Samples.uniform(dtype, 1, 900, 1000, 4, 64);

    Tensor y = Normalizations.standardize(x.upload(), 0, 1);

    Tensor wide = Normalizations.standardize(x.cast(DType.F64).upload(), 0, 1);
    Expect.close("standardize", Values.read(wide), Bound.epsilon(dtype) * 1.01, 1e-5, y);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldMultiplyMatricesWithSumsInF32(DType dtype) {
    long[][][] shapes = {
      {{1, 1}, {1, 1}},
      {{17, 31}, {31, 33}},
      {{3, 5000}, {5000, 2}},
      {{2, 33, 65}, {2, 65, 17}},
      {{5, 7}, {7}},
      {{2, 0}, {0, 4}}
    };
    for (long[][] pair : shapes) {
      for (Layout layout : List.of(Layout.CONTIGUOUS, Layout.TRANSPOSED)) {
        Values a = Samples.uniform(dtype, 3, -1, 1, pair[0]);
        Values b = Samples.uniform(dtype, 4, -1, 1, pair[1]);
        Values exact = MatmulTck.product(a, b, false);
        Values magnitude = MatmulTck.product(a, b, true);
        double factor = a.dim(a.rank() - 1) * 0x1p-24 * 1.000001;

        Tensor y = layout.of(a).matmul(layout.of(b));

        assertEquals(dtype, y.dtype());
        Expect.near(
            dtype + " " + layout,
            exact,
            // What the sum errs by may also move it past a midpoint.
            i -> factor * magnitude.real(i) + Rounding.ulp(exact.real(i), dtype) * 0.5000001,
            y);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldGiveLeavesGradientsOfTheirType(DType dtype) {
    Tensor x = Samples.whole(dtype, 1, 3, 4, 3).upload().requiresGrad(true);
    Tensor w = Samples.whole(dtype, 2, 3, 3, 2).upload().requiresGrad(true);

    x.matmul(w).square().sum().backward();

    Values a = Values.read(x).cast(DType.F64);
    Values b = Values.read(w).cast(DType.F64);
    Values outer = MatmulTck.product(a, b, false).mapReals(v -> 2 * v);
    Expect.same(MatmulTck.product(outer, b.transpose(), false).cast(dtype), x.grad().orElseThrow());
    Expect.same(MatmulTck.product(a.transpose(), outer, false).cast(dtype), w.grad().orElseThrow());
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldAddUpGatheredGradientsInF32(DType dtype) {
    Tensor x = Tensor.ones(dtype, 2).requiresGrad(true);

    x.gather(0, Tensor.zeros(DType.I64, 1024)).mul(1.5).sum().backward();

    Tensor gradient = x.grad().orElseThrow();
    assertEquals(dtype, gradient.dtype());
    assertArrayEquals(new double[] {1536, 0}, gradient.toDoubleArray());
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldTrainWithStateInF32(DType dtype) {
    Tensor p = Tensor.ones(dtype, 4).requiresGrad(true);
    Adam adam = new Adam(List.of(p), 0.125);

    // The square of the gradient is below the least F16.
    p.mul(1e-4).sum().backward();
    adam.step();

    assertEquals(dtype, p.dtype());
    assertEquals(DType.F32, adam.state().get(0).dtype());
    assertEquals(0.875, p.toDoubleArray()[0], 1e-2);
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldDrawNumbersBelowOne(DType dtype) {
    Tensor u = Tensor.rand(new Generator(3), dtype, 100_000);
    Tensor z = Tensor.randn(new Generator(3), dtype, 1000);

    assertTrue(u.max().item() < 1 && u.min().item() >= 0);
    assertEquals(0.5, u.mean().item(), 0.01);
    Tensor wide = Tensor.randn(new Generator(3), DType.F32, 1000);
    Expect.same(Values.read(wide).cast(dtype), z);
  }

  @Test
  void shouldPrintTheFewestDigits() {
    assertTrue(Tensor.full(DType.F16, 0.1, 1).toString().endsWith("[0.1]"));
    assertTrue(Tensor.full(DType.BF16, 3.14, 1).toString().endsWith("[3.14]"));
  }

  @Test
  void shouldRefuseBitsOfOtherTypes() {
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.ofBits(DType.I32, new short[] {1}, 1));
    assertThrows(IllegalArgumentException.class, () -> Tensor.ones(2).toBits());
    assertThrows(
        IllegalArgumentException.class, () -> Tensor.ofBits(DType.F16, new short[] {1}, 2));
  }

  /** A backend that takes products of 16-bit operands as they are, through casts of its own. */
  private static final class Taking {
    final List<DType> operands = new ArrayList<>();
    final List<DType> outputs = new ArrayList<>();
    private final Backend real = Modes.backend();

    Device device() {
      return Device.on(
          (Backend)
              Proxy.newProxyInstance(
                  Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, this::call));
    }

    private Object call(Object proxy, Method method, Object... x) throws Throwable {
      if (method.getName().equals("multiplies")) {
        return ((DType) x[0]).isHalf();
      } else if (method.getName().equals("matmul")) {
        operands.add(((View) x[0]).dtype());
        outputs.add(((View) x[4]).dtype());
        View a = cast((View) x[0], DType.F32);
        View b = cast((View) x[1], DType.F32);
        View to = (View) x[4];
        View out = dense(DType.F32, to);
        real.matmul(a, b, (Epilogue) x[2], dev.quern.Precision.F32, out);
        map(out, to);
        return null;
      }
      try {
        return method.invoke(real, x);
      } catch (InvocationTargetException e) {
        throw e.getCause();
      }
    }

    private View dense(DType dtype, View like) {
      Buffer buffer = real.allocate(dtype, like.size());
      return new View(buffer, like.shape(), Values.strides(like.shape()), 0);
    }

    private View cast(View view, DType to) {
      View out = dense(to, view);
      map(view, out);
      return out;
    }

    private void map(View from, View to) {
      if (from.dtype() == to.dtype()) {
        real.map(Program.copy(from.dtype()), List.of(from), List.of(to));
        return;
      }
      Instruction cast = new Instruction(Op.CAST, to.dtype(), 0, -1, -1);
      DType[] inputs = {from.dtype()};
      Program program =
          new Program(inputs, new DType[0], new long[0], new Instruction[] {cast}, new int[] {1});
      real.map(program, List.of(from), List.of(to));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F16", "BF16"})
  void shouldHandOperandsToABackendThatTakesThem(DType dtype) {
    Values a = Samples.whole(dtype, 1, 9, 2, 5, 7);
    Values b = Samples.whole(dtype, 2, 9, 7, 3);
    Values bias = Samples.whole(dtype, 3, 9, 3);
    Tensor plain = a.upload().matmul(b.upload()).add(bias.upload()).relu();
    Values expected = Values.read(plain);
    Taking taking = new Taking();
    Device before = Device.current();
    Device device = taking.device();
    Device.setCurrent(device);
    try {
      Tensor x = a.upload().requiresGrad(true);
      Tensor w = b.upload();
      Tensor y = x.matmul(w).add(bias.upload()).relu();

      Expect.same(expected, y);
      assertEquals(List.of(dtype), taking.operands);
      assertEquals(List.of(dtype), taking.outputs);
      y.sum().backward();
      x.grad().orElseThrow().realize();
      assertEquals(List.of(dtype, dtype), taking.operands);
    } finally {
      Device.setCurrent(before);
    }
  }
}
