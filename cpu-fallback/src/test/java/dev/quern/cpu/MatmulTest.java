package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.cpu.Fixture.Mode;
import dev.quern.spi.Epilogue;
import dev.quern.spi.Op;
import dev.quern.spi.View;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Products against a naive oracle, over odd extents and strides, in all modes. */
class MatmulTest {
  private static final int ROUNDS = 150;

  private final List<Mode> modes = Fixture.modes();
  private final Fixture fixture = new Fixture(11);

  @Test
  void shouldStayWithinTheErrorBound() {
    for (int round = 0; round < ROUNDS; round++) {
      DType dtype = round % 3 == 0 ? DType.F64 : DType.F32;
      int batch = 1 + fixture.pick(3);
      int m = fixture.extent();
      int n = fixture.extent();
      int k = round % 20 == 0 ? 0 : fixture.extent() * (1 + round % 4);
      View a = fixture.strided(dtype, batch, m, k);
      View b = fixture.strided(dtype, batch, k, n);
      View bias = round % 2 == 0 ? fixture.strided(dtype, batch, m, n) : null;
      Op activation = round % 3 == 1 ? Op.RELU : null;
      Mode mode = modes.get(round % modes.size());
      View out = Fixture.zeros(dtype, batch, m, n);

      mode.backend().matmul(a, b, new Epilogue(bias, activation), Precision.F32, out);

      check(mode.name(), a, b, bias, activation, out);
    }
  }

  @Test
  void shouldComputeEveryForm() {
    int[][] shapes = {
      {3, 50, 40},
      {7, 10, 300},
      {50, 13, 300},
      {131, 9, 300},
      {25, 70, 300},
      {20, 100, 300},
      {90, 66, 200},
      {61, 300, 70},
      {45, 75, 20},
      // Several tasks on one thread, and several blocks of columns, steps of depth and groups of
      // tiles.
      {2100, 33, 40},
      {270, 270, 530}
    };
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      Set<BlockedGemm.Form> forms = EnumSet.noneOf(BlockedGemm.Form.class);
      for (int[] shape : shapes) {
        int m = shape[0];
        int n = shape[1];
        int k = shape[2];
        View b = fixture.view(dtype, false, 1, k, n);
        View bias = fixture.view(dtype, false, 1, m, n);
        for (View a :
            List.of(
                fixture.view(dtype, false, 1, m, k),
                MatmulKernel.transpose(fixture.view(dtype, false, 1, k, m)))) {
          View any = Fixture.zeros(dtype, 1, m, n);
          forms.add(BlockedGemm.form(new Product(new PlainKernels(), a, b, Epilogue.NONE, any, 0)));
          for (Mode mode : modes) {
            View out = Fixture.zeros(dtype, 1, m, n);

            mode.backend().matmul(a, b, new Epilogue(bias, Op.RELU), Precision.F32, out);

            check(mode.name(), a, b, bias, Op.RELU, out);
          }
        }
      }
      Set<BlockedGemm.Form> expected = EnumSet.allOf(BlockedGemm.Form.class);
      if (dtype == DType.F64) {
        expected.remove(BlockedGemm.Form.DEEP);
      }
      assertEquals(expected, forms);
    }
  }

  @Test
  void shouldMultiplyMatricesThatAreUpsideDown() {
    for (int[] shape : new int[][] {{25, 70, 300}, {61, 300, 70}, {45, 75, 20}, {33, 13, 90}}) {
      int m = shape[0];
      int n = shape[1];
      int k = shape[2];
      View b = upsideDown(fixture.view(DType.F32, false, 1, k, n));
      for (View a :
          List.of(
              upsideDown(fixture.view(DType.F32, false, 1, m, k)),
              MatmulKernel.transpose(upsideDown(fixture.view(DType.F32, false, 1, k, m))))) {
        for (Mode mode : modes) {
          View out = Fixture.zeros(DType.F32, 1, m, n);

          mode.backend().matmul(a, b, Epilogue.NONE, Precision.F32, out);

          check(mode.name(), a, b, null, null, out);
        }
      }
    }
  }

  // In an array that ends where the first row does.
  private static View upsideDown(View matrix) {
    long[] shape = matrix.shape();
    float[] exact = Arrays.copyOf((float[]) CpuBuffer.array(matrix), (int) (shape[1] * shape[2]));
    CpuBuffer buffer = new CpuBuffer(DType.F32, exact.length, exact, null);
    return new View(buffer, shape, new long[] {0, -shape[2], 1}, (shape[1] - 1) * shape[2]);
  }

  @Test
  void shouldNotCopyAnyAmountOfAnOperand() {
    int k = 1 << 22;
    View a = Fixture.zeros(DType.F32, 1, 4, k);
    Arrays.fill((float[]) CpuBuffer.array(a), 1);
    View one = new View(a.buffer(), new long[] {1, k, 10}, new long[] {0, 0, 0}, 0);
    View out = Fixture.zeros(DType.F32, 1, 4, 10);

    Product product = new Product(new PlainKernels(), a, one, Epilogue.NONE, out, 0);

    assertNotEquals(BlockedGemm.Form.DEEP, BlockedGemm.form(product));
    for (Mode mode : modes) {
      mode.backend().matmul(a, one, Epilogue.NONE, Precision.F32, out);
      assertEquals(k, Fixture.get(out, 0, 3, 9), mode.name());
    }
  }

  @Test
  void shouldWriteTransposedAndSpreadOutputs() {
    for (int round = 0; round < 30; round++) {
      int m = fixture.extent();
      int n = fixture.extent();
      int k = fixture.extent();
      View a = fixture.strided(DType.F32, 2, m, k);
      View b = fixture.strided(DType.F32, 2, k, n);
      View bias = fixture.strided(DType.F32, 2, m, n);
      View dense = Fixture.zeros(DType.F32, 2, m, n, 2);
      long[] strides =
          round % 2 == 0 ? new long[] {(long) m * n, 1, m} : new long[] {2L * m * n, 2L * n, 2};
      View out = new View(dense.buffer(), new long[] {2, m, n}, strides, 0);
      Mode mode = modes.get(round % modes.size());

      mode.backend().matmul(a, b, new Epilogue(bias, Op.RELU), Precision.F32, out);

      check(mode.name(), a, b, bias, Op.RELU, out);
    }
  }

  private static void check(String mode, View a, View b, View bias, Op activation, View out) {
    double eps = out.dtype() == DType.F32 ? 0x1p-24 : 0x1p-53;
    long[] shape = out.shape();
    long depth = a.shape()[2];
    for (int l = 0; l < shape[0]; l++) {
      for (int i = 0; i < shape[1]; i++) {
        for (int j = 0; j < shape[2]; j++) {
          double sum = bias == null ? 0 : Fixture.get(bias, l, i, j);
          double absolute = Math.abs(sum);
          for (int k = 0; k < depth; k++) {
            double product = Fixture.get(a, l, i, k) * Fixture.get(b, l, k, j);
            sum += product;
            absolute += Math.abs(product);
          }
          double expected = activation == Op.RELU ? Math.max(sum, 0) : sum;
          double error = Math.abs(expected - Fixture.get(out, l, i, j));
          String where = "%s: %dx%dx%d at %d, %d".formatted(mode, shape[1], shape[2], depth, i, j);
          // The oracle rounds too, which doubles the bound in F64.
          assertTrue(error <= 2 * (depth + 2) * eps * absolute, where + ": error " + error);
        }
      }
    }
  }
}
