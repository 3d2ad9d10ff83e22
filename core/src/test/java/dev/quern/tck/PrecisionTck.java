package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Precision;
import dev.quern.Profile;
import dev.quern.Tensor;
import dev.quern.spi.KernelRun;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a product may round, who says so, and for how long. */
abstract class PrecisionTck extends Tck {
  private static double roundoff(Precision precision) {
    return switch (precision) {
      case F32 -> 0;
      case TF32 -> 0x1p-11;
      case BF16 -> 0x1p-8;
    };
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldStayWithinThePrecisionsBound(Precision precision) {
    long[][][] shapes = {
      {{1, 1}, {1, 1}},
      {{17, 31}, {31, 33}},
      {{128, 512}, {512, 96}},
      {{2, 33, 65}, {2, 65, 17}},
      {{1, 300}, {300, 70}},
      {{64, 0}, {0, 64}}
    };
    for (long[][] pair : shapes) {
      for (Layout layout : List.of(Layout.CONTIGUOUS, Layout.TRANSPOSED)) {
        Values a = Samples.uniform(DType.F32, 3, -1, 1, pair[0]);
        Values b = Samples.uniform(DType.F32, 4, -1, 1, pair[1]);
        Values magnitude = MatmulTck.product(a, b, true);
        double u = roundoff(precision);
        double factor = (u * (2 + u) + pair[0][pair[0].length - 1] * 0x1p-24) * 1.000001;

        Tensor y = layout.of(a).matmul(layout.of(b), precision);

        Expect.near(
            precision + " " + layout,
            MatmulTck.product(a, b, false),
            i -> factor * magnitude.real(i),
            y);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldMultiplyWholeNumbersExactly(Precision precision) {
    // Up to 9 they fit even BF16, and their sums F32.
    Values a = Samples.whole(DType.F32, 1, 9, 65, 130);
    Values b = Samples.whole(DType.F32, 2, 9, 130, 33);

    Tensor y = a.upload().matmul(b.upload(), precision);

    Expect.same(MatmulTck.product(a, b, false).cast(DType.F32), y);
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void shouldNeverRoundDoublesOrIntegers(Precision precision) {
    Tensor third = Tensor.full(DType.F64, 1 / 3.0, 1, 1);
    Tensor large = Tensor.full(DType.I64, (1L << 40) + 1, 1, 1);

    Precision.with(
        precision,
        () -> {
          assertEquals(1 / 3.0, third.matmul(Tensor.ones(DType.F64, 1, 1)).item());
          assertEquals((1L << 40) + 1, large.matmul(Tensor.ones(DType.I64, 1, 1)).itemLong());
        });
  }

  @Test
  void shouldHoldWhileTheBodyRuns() {
    assertEquals(Precision.F32, Precision.current());
    Precision.with(
        Precision.BF16,
        () -> {
          assertEquals(Precision.BF16, Precision.current());
          Precision inner = Precision.with(Precision.TF32, Precision::current);
          assertEquals(Precision.TF32, inner);
          assertEquals(Precision.BF16, Precision.current());
        });

    assertEquals(Precision.F32, Precision.current());
    Runnable failing =
        () -> {
          throw new IllegalStateException("body");
        };
    assertThrows(IllegalStateException.class, () -> Precision.with(Precision.TF32, failing));
    assertEquals(Precision.F32, Precision.current());
  }

  private static List<String> products(Runnable work) {
    try (Profile profile = Device.current().profile()) {
      work.run();
      return profile.runs().stream()
          .map(KernelRun::kernel)
          .filter(kernel -> kernel.startsWith("matmul"))
          .toList();
    }
  }

  @Test
  void shouldComputeInThePrecisionAtTheTimeOfTheCall() {
    Tensor x = Tensor.ones(3, 3);

    List<String> kernels =
        products(
            () -> {
              Supplier<Tensor> product = () -> x.matmul(x);
              Tensor inside = Precision.with(Precision.TF32, product);
              Tensor said = Precision.with(Precision.TF32, () -> x.matmul(x, Precision.BF16));
              Precision.with(Precision.BF16, () -> x.matmul(x, Precision.F32).realize());
              inside.realize();
              said.realize();
            });

    assertTrue(kernels.contains("matmul_tf32"), kernels.toString());
    assertTrue(kernels.contains("matmul_bf16"), kernels.toString());
    assertTrue(kernels.contains("matmul"), kernels.toString());
    assertEquals(3, kernels.size(), kernels.toString());
  }

  @Test
  void shouldComputeGradientsInThePrecisionOfTheProduct() {
    Tensor x = Tensor.ones(3, 4).requiresGrad(true);
    Tensor w = Tensor.ones(4, 2).requiresGrad(true);

    List<String> kernels =
        products(
            () -> {
              Tensor loss = Precision.with(Precision.TF32, () -> x.matmul(w)).square().sum();
              loss.backward();
              x.grad().orElseThrow().realize();
              w.grad().orElseThrow().realize();
            });

    assertEquals(List.of("matmul_tf32", "matmul_tf32", "matmul_tf32"), kernels);
  }
}
