package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Backends of every mode that this machine has, and views of random numbers. */
final class Fixture {
  /** A backend and what it is. */
  record Mode(String name, CpuBackend backend) {}

  private static final float[] SPECIALS = {
    0f,
    -0f,
    Float.NaN,
    Float.POSITIVE_INFINITY,
    Float.NEGATIVE_INFINITY,
    Float.MIN_VALUE,
    -Float.MIN_NORMAL,
    Float.MAX_VALUE,
    0.5f,
    -1.5f,
    2.5f,
    88f,
    -104f
  };

  private final SplittableRandom random;

  Fixture(long seed) {
    random = new SplittableRandom(seed);
  }

  /** Returns the plain mode first, then all others: they are to give the same bits. */
  static List<Mode> modes() {
    List<Mode> modes = new ArrayList<>();
    modes.add(mode("plain, 1 thread", 1, new PlainKernels()));
    modes.add(mode("plain, 3 threads", 3, new PlainKernels()));
    if (isSimdThere()) {
      modes.add(mode("SIMD, 1 thread", 1, SimdModes.simd()));
      modes.add(mode("SIMD, 4 threads", 4, SimdModes.simd()));
    }
    return modes;
  }

  /** Returns whether the vector module is present. */
  static boolean isSimdThere() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
  }

  // Apart, so that no class that names vectors is loaded where there are none.
  private static final class SimdModes {
    static Kernels simd() {
      return new SimdKernels();
    }
  }

  private static Mode mode(String name, int threads, Kernels kernels) {
    return new Mode(name, new CpuBackend(new DeviceInfo("cpu", "", false, ""), threads, kernels));
  }

  /** Returns a random extent, often of an awkward size. */
  int extent() {
    return switch (random.nextInt(4)) {
      case 0 -> 1 + random.nextInt(4);
      case 1 -> 1 + random.nextInt(40);
      case 2 -> 8 * (1 + random.nextInt(9));
      default -> 1 + random.nextInt(140);
    };
  }

  /** Returns a number from 0 to {@code bound - 1}. */
  int pick(int bound) {
    return random.nextInt(bound);
  }

  /** Returns a view of random numbers, every 16th of them special if {@code specials}. */
  View view(DType dtype, boolean specials, long... shape) {
    long[] strides = new long[shape.length];
    long size = 1;
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = size;
      size *= shape[i];
    }
    int offset = random.nextInt(5);
    return new View(buffer(dtype, specials, (int) size + offset), shape, strides, offset);
  }

  /** Returns a contiguous, transposed, repeated, reversed or padded view of three axes. */
  View strided(DType dtype, long batch, long rows, long columns) {
    long[] shape = {batch, rows, columns};
    int padding = random.nextInt(3);
    long[] strides;
    long offset = random.nextInt(3);
    switch (random.nextInt(5)) {
      case 0 -> strides = new long[] {rows * columns, columns, 1};
      case 1 -> strides = new long[] {rows * columns, 1, rows};
      case 2 -> strides = new long[] {0, columns + padding, 1};
      case 3 -> strides = new long[] {random.nextInt(2), random.nextInt(2), random.nextInt(2)};
      default -> {
        strides = new long[] {rows * columns * 2, -columns * 2, -2};
        offset += (rows - 1) * columns * 2 + (columns - 1) * 2;
      }
    }
    int size = (int) ((batch + 1) * (rows + 3) * (columns + 3) * 2);
    return new View(buffer(dtype, false, size), shape, strides, offset);
  }

  private CpuBuffer buffer(DType dtype, boolean specials, int size) {
    Object array = HostArrays.create(dtype, size);
    for (int i = 0; i < size; i++) {
      boolean special = specials && random.nextInt(16) == 0;
      float number = (float) random.nextDouble(-4, 4);
      switch (dtype) {
        case F32 ->
            ((float[]) array)[i] = special ? SPECIALS[random.nextInt(SPECIALS.length)] : number;
        case F64 -> ((double[]) array)[i] = number;
        case F16, BF16 -> ((short[]) array)[i] = (short) random.nextInt();
        case I32 -> ((int[]) array)[i] = random.nextInt();
        case I64 -> ((long[]) array)[i] = random.nextLong();
        case BOOL -> ((byte[]) array)[i] = (byte) random.nextInt(2);
      }
    }
    return new CpuBuffer(dtype, size, array, null);
  }

  /** Returns a view of zeros. */
  static View zeros(DType dtype, long... shape) {
    long size = 1;
    long[] strides = new long[shape.length];
    for (int i = shape.length - 1; i >= 0; i--) {
      strides[i] = size;
      size *= shape[i];
    }
    Object array = HostArrays.create(dtype, (int) size);
    return new View(new CpuBuffer(dtype, size, array, null), shape, strides, 0);
  }

  /** Returns an element of an F32 or F64 view of three axes. */
  static double get(View view, long b, long i, long j) {
    long[] s = view.strides();
    int at = (int) (view.offset() + b * s[0] + i * s[1] + j * s[2]);
    return CpuBuffer.array(view) instanceof float[] f
        ? f[at]
        : ((double[]) CpuBuffer.array(view))[at];
  }
}
