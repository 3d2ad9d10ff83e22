package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.fail;

import dev.quern.DType;
import dev.quern.internal.Backends;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.RandomKind;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Elementwise operations in F32 and random numbers have the same bits as on the CPU; all NaNs count
 * as one. The arguments are spread evenly over all 2^32 floats; {@code -Dquern.tck.bits=N} takes N
 * of them.
 */
abstract class SameBitsTck extends Tck {
  private static final int COUNT = Integer.getInteger("quern.tck.bits", 1 << 19);

  private Backend device = Modes.backend();
  private Backend cpu = Modes.backend();

  @BeforeEach
  final void openBoth() {
    Backends backends = Backends.instance();
    Assumptions.assumeTrue(backends.find("cpu").isPresent(), "no CPU backend to compare with");
    cpu = backends.engine(backends.find("cpu").orElseThrow()).backend();
    device = Modes.backend();
  }

  /** Floats at equal distances among all bit patterns, and the special ones. */
  private static float[] sample(int start, int step) {
    float[] special = {
      0f,
      -0f,
      1f,
      -1f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MIN_NORMAL,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN,
      0.5f,
      2f,
      88.7f,
      -104f
    };
    float[] out = new float[COUNT];
    for (int i = 0; i < COUNT; i++) {
      boolean listed = i < special.length * special.length;
      int place = step > 0 ? i % special.length : i / special.length;
      out[i] = listed ? special[place] : Float.intBitsToFloat(start + i * step);
    }
    return out;
  }

  // Odd steps, so that the three operands walk through all patterns in different orders.
  private static final int STEP = (int) ((1L << 32) / COUNT) | 1;

  @ParameterizedTest
  @EnumSource(Op.class)
  void shouldComputeOnFloatsAsOnTheCpu(Op op) {
    Assumptions.assumeFalse(op.typing() == Op.Typing.LOGIC, "not an operation on floats");
    if (op == Op.CAST) {
      for (DType to : DType.values()) {
        compare(op, to);
      }
    } else {
      compare(op, op.resultType(DType.F32));
    }
  }

  private void compare(Op op, DType result) {
    List<Object> operands = new ArrayList<>();
    DType[] types = new DType[op.arity()];
    float[][] floats = {sample(1, STEP), sample(2, -7 * STEP), sample(3, 11 * STEP)};
    for (int i = 0; i < op.arity(); i++) {
      boolean condition = op == Op.WHERE && i == 0;
      types[i] = condition ? DType.BOOL : DType.F32;
      operands.add(condition ? bytes(floats[0]) : floats[i]);
    }
    Instruction code =
        new Instruction(op, result, 0, op.arity() > 1 ? 1 : -1, op.arity() > 2 ? 2 : -1);
    int value = op.arity();
    Program program =
        new Program(types, new DType[0], new long[0], new Instruction[] {code}, new int[] {value});

    Object expected = run(cpu, program, operands, result);
    Object actual = run(device, program, operands, result);

    for (int i = 0; i < COUNT; i++) {
      if (bits(expected, i) != bits(actual, i)) {
        StringBuilder at = new StringBuilder();
        for (Object operand : operands) {
          at.append(' ').append(java.lang.reflect.Array.get(operand, i));
        }
        fail(
            op
                + " to "
                + result
                + " at"
                + at
                + ": cpu "
                + java.lang.reflect.Array.get(expected, i)
                + ", here "
                + java.lang.reflect.Array.get(actual, i));
      }
    }
  }

  private static byte[] bytes(float[] floats) {
    byte[] out = new byte[floats.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) (Float.floatToRawIntBits(floats[i]) & 1);
    }
    return out;
  }

  private static long bits(Object array, int i) {
    if (array instanceof float[] f) {
      return Float.floatToIntBits(f[i]);
    } else if (array instanceof double[] d) {
      return Double.doubleToLongBits(d[i]);
    } else if (array instanceof int[] n) {
      return n[i];
    } else if (array instanceof long[] l) {
      return l[i];
    } else if (array instanceof short[] h) {
      return h[i];
    }
    return ((byte[]) array)[i];
  }

  private static Object zeros(DType dtype, int size) {
    return switch (dtype) {
      case F32 -> new float[size];
      case F64 -> new double[size];
      case I32 -> new int[size];
      case I64 -> new long[size];
      case F16, BF16 -> new short[size];
      case BOOL -> new byte[size];
    };
  }

  private static View view(Buffer buffer) {
    return new View(buffer, new long[] {buffer.size()}, new long[] {1}, 0);
  }

  private static Object run(Backend backend, Program program, List<Object> operands, DType result) {
    List<Buffer> buffers = new ArrayList<>();
    try {
      List<View> views = new ArrayList<>();
      for (int i = 0; i < operands.size(); i++) {
        Buffer buffer = backend.allocate(program.dtype(i), COUNT);
        buffers.add(buffer);
        backend.upload(operands.get(i), 0, buffer, 0, COUNT);
        views.add(view(buffer));
      }
      Buffer out = backend.allocate(result, COUNT);
      buffers.add(out);
      backend.map(program, views, List.of(view(out)));
      Object array = zeros(result, COUNT);
      backend.download(out, 0, array, 0, COUNT);
      return array;
    } finally {
      buffers.forEach(Buffer::close);
    }
  }

  @ParameterizedTest
  @EnumSource(RandomKind.class)
  void shouldDrawTheCpusRandomNumbers(RandomKind kind) {
    DType[] types =
        kind == RandomKind.BITS32 ? new DType[] {DType.I64} : new DType[] {DType.F32, DType.F64};
    for (DType dtype : types) {
      // past 2^32 blocks, where the counter's second word begins to count
      long counter = (1L << 32) - 100;
      int size = COUNT + 3;

      Object expected = draw(cpu, kind, dtype, counter, size);
      Object actual = draw(device, kind, dtype, counter, size);

      for (int i = 0; i < size; i++) {
        if (bits(expected, i) != bits(actual, i)) {
          fail(
              kind
                  + " "
                  + dtype
                  + " at "
                  + i
                  + ": cpu "
                  + java.lang.reflect.Array.get(expected, i)
                  + ", here "
                  + java.lang.reflect.Array.get(actual, i));
        }
      }
    }
  }

  private static Object draw(
      Backend backend, RandomKind kind, DType dtype, long counter, int size) {
    Buffer out = backend.allocate(dtype, size);
    try {
      backend.random(kind, 0x123456789abcdefL, counter, view(out));
      Object array = zeros(dtype, size);
      backend.download(out, 0, array, 0, size);
      return array;
    } finally {
      out.close();
    }
  }
}
