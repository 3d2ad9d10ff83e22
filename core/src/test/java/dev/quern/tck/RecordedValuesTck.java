package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Recording;
import dev.quern.Scope;
import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What recorded steps assign, read and compute, and that others do not notice. */
abstract class RecordedValuesTck extends Tck {
  @Test
  void shouldCount() {
    Tensor n = Tensor.zeros(3);
    try (Recording step = Device.current().record(() -> n.assign(n.add(1)))) {
      for (int i = 0; i < 10; i++) {
        step.replay();
      }
      assertArrayEquals(new float[] {11, 11, 11}, n.toFloatArray());
      n.assign(new float[] {-1, -2, -3});

      step.replay();

      assertArrayEquals(new float[] {0, -1, -2}, step.result().toFloatArray());
    }
  }

  @Test
  void shouldSwapAtEachReplay() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor y = Tensor.of(new float[] {3, 4}, 2);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor old = x.detach();
                  x.assign(y);
                  y.assign(old);
                })) {
      assertArrayEquals(new float[] {3, 4}, x.toFloatArray());

      step.replay();

      assertArrayEquals(new float[] {1, 2}, x.toFloatArray());
      assertArrayEquals(new float[] {3, 4}, y.toFloatArray());
      step.replay();
      assertArrayEquals(new float[] {3, 4}, x.toFloatArray());
      assertArrayEquals(new float[] {1, 2}, y.toFloatArray());
    }
  }

  @Test
  void shouldReadOldElementsAfterAssignment() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    Tensor total = Tensor.zeros(2);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor before = x.add(10);
                  Tensor old = x.detach();
                  x.assign(x.mul(2));
                  x.assign(x.add(1));
                  total.assign(before.add(old).add(x));
                })) {
      // 1: 11 + 1 + 3, 2: 12 + 2 + 5
      assertArrayEquals(new float[] {15, 19}, total.toFloatArray());

      step.replay();

      // 3: 13 + 3 + 7, 5: 15 + 5 + 11
      assertArrayEquals(new float[] {23, 31}, total.toFloatArray());
      assertArrayEquals(new float[] {7, 11}, x.toFloatArray());
    }
  }

  @Test
  void shouldAssignTransposeOfItself() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  x.assign(x.transpose());
                  x.assign(x.transpose().add(x.mul(10)));
                })) {
      assertArrayEquals(new float[] {11, 32, 23, 44}, x.toFloatArray());

      step.replay();

      // Its transpose [11, 23, 32, 44] tenfold, and itself
      assertArrayEquals(new float[] {121, 262, 343, 484}, x.toFloatArray());
    }
  }

  @Test
  void shouldLeaveOtherTensorsAlone() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    Tensor row = x.get(0);
    Tensor same = x.detach();
    Tensor pending = x.add(1);
    try (Recording step = Device.current().record(() -> x.assign(x.mul(10)))) {
      Tensor view = x.transpose();
      Tensor shaped = x.reshape(4);
      Tensor copy = x.detach();
      Tensor later = x.add(1);
      Tensor product = x.matmul(x);
      Tensor sum = x.sum();

      step.replay();

      assertArrayEquals(new float[] {100, 200, 300, 400}, x.reshape(4).toFloatArray());
      assertArrayEquals(new float[] {1, 2}, row.toFloatArray());
      assertArrayEquals(new float[] {1, 2, 3, 4}, same.toFloatArray());
      assertArrayEquals(new float[] {2, 3, 4, 5}, pending.toFloatArray());
      assertArrayEquals(new float[] {10, 30, 20, 40}, view.toFloatArray());
      assertArrayEquals(new float[] {10, 20, 30, 40}, shaped.toFloatArray());
      assertArrayEquals(new float[] {10, 20, 30, 40}, copy.toFloatArray());
      assertArrayEquals(new float[] {11, 21, 31, 41}, later.toFloatArray());
      assertArrayEquals(new float[] {700, 1000, 1500, 2200}, product.toFloatArray());
      assertEquals(100, sum.item());
    }
  }

  // The order in which a product adds up depends on that of its operands' elements.
  @Test
  void shouldLeaveBitsOfProductsWithViewsAlone() {
    Tensor row = Samples.uniform(DType.F32, 1, -1, 1, 1, 53).upload();
    Tensor x = Samples.uniform(DType.F32, 2, -1, 1, 41, 53).upload();
    String expected = Trainee.bits(row.matmul(x.transpose()));
    try (Recording step = Device.current().record(() -> x.assign(x.mul(2)))) {
      step.replay();
      x.assign(x.div(4));
      Tensor view = x.transpose();

      step.replay();

      assertEquals(expected, Trainee.bits(row.matmul(view)));
    }
  }

  @Test
  void shouldTakeViewsAndPendingTensorsAsInput() {
    Tensor data = Tensor.arange(0.0, 12.0, 1.0).reshape(4, 3);
    Tensor rows = data.get(1);
    Tensor pending = rows.mul(100);
    try (Recording step = Device.current().record(() -> rows.add(pending))) {
      assertArrayEquals(new float[] {303, 404, 505}, step.result().toFloatArray());
      rows.assign(new float[] {1, 2, 3});
      pending.assign(Tensor.full(1000, 3));

      step.replay();

      assertArrayEquals(new float[] {1001, 1002, 1003}, step.result().toFloatArray());
      assertArrayEquals(new float[] {3, 4, 5}, data.get(1).toFloatArray());
    }
  }

  @Test
  void shouldChainRecordings() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    try (Recording first = Device.current().record(() -> x.mul(2))) {
      Tensor middle = first.result();
      try (Recording second = Device.current().record(() -> middle.add(1))) {
        x.assign(new float[] {10, 20});

        first.replay();
        second.replay();

        assertArrayEquals(new float[] {21, 41}, second.result().toFloatArray());
      }
    }
  }

  @Test
  void shouldFollowWrappedArrays() {
    Modes.assumeSharesArrays();
    float[] array = {1, 2};
    float[] written = new float[2];
    Tensor x = Tensor.wrap(array, 2);
    Tensor y = Tensor.wrap(written, 2);
    try (Recording step = Device.current().record(() -> y.assign(x.mul(2)))) {
      assertArrayEquals(new float[] {2, 4}, written);
      array[0] = 5;

      step.replay();

      assertArrayEquals(new float[] {10, 4}, written);
    }
  }

  @Test
  void shouldRestoreWrappedArrays() {
    Modes.assumeSharesArrays();
    float[] array = {1, 2, 3};
    Tensor x = Tensor.wrap(array, 3);
    Tensor part = x.slice(0, 1, 3);

    assertThrows(
        IllegalStateException.class,
        () ->
            x.device()
                .record(
                    () -> {
                      x.assign(x.add(1));
                      part.assign(part.mul(10));
                      x.assign(x.neg());
                      x.toFloatArray();
                    }));

    assertArrayEquals(new float[] {1, 2, 3}, array);
  }

  @Test
  void shouldKeepEmptyTensors() {
    Tensor x = Tensor.zeros(0, 3);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  x.assign(x.add(1));
                  return x.sum(0);
                })) {
      step.replay();

      assertArrayEquals(new float[] {0, 0, 0}, step.result().toFloatArray());
    }
  }

  // ---------------------------------------------------------------- results

  @Test
  void shouldReturnOldElementsOfWhatTheStepAssigns() {
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).realize();
    for (UnaryOperator<Tensor> view :
        List.<UnaryOperator<Tensor>>of(
            Tensor::detach, Tensor::transpose, t -> t.slice(1, 0, 1), t -> t.flip(0))) {
      x.assign(new float[] {1, 2, 3, 4});
      try (Recording step =
          Device.current()
              .record(
                  () -> {
                    Tensor old = view.apply(x);
                    x.assign(x.add(10));
                    return old;
                  })) {
        for (int i = 0; i < 3; i++) {
          String expected = Trainee.bits(view.apply(x.sub(10)));
          assertEquals(expected, Trainee.bits(step.result()), "replays: " + i);

          step.replay();
        }
      }
    }
  }

  @Test
  void shouldReturnInputAsItWas() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    try (Recording step = Device.current().record(() -> x)) {
      x.assign(new float[] {3, 4});
      assertArrayEquals(new float[] {1, 2}, step.result().toFloatArray());

      step.replay();

      assertArrayEquals(new float[] {3, 4}, step.result().toFloatArray());
    }
  }

  @Test
  void shouldKeepGradientThatIsAnInput() {
    Tensor p = Tensor.zeros(2, 2).requiresGrad(true);
    Tensor seed = Tensor.of(new float[] {1, 2, 3, 4}, 4);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  p.zeroGrad();
                  p.reshape(4).backward(seed);
                  seed.assign(seed.add(10));
                })) {
      assertArrayEquals(new float[] {1, 2, 3, 4}, gradient(p));

      step.replay();

      assertArrayEquals(new float[] {11, 12, 13, 14}, gradient(p));
    }
  }

  private static float[] gradient(Tensor p) {
    return p.grad().orElseThrow().reshape(p.size()).toFloatArray();
  }

  @Test
  void shouldRefuseToKeepOldElementsBeyondTheStep() {
    Tensor x = Tensor.of(new float[] {1, 2}, 2);
    for (UnaryOperator<Tensor> old :
        List.<UnaryOperator<Tensor>>of(t -> t.detach(), t -> t.flip(0))) {
      try (Scope outer = Scope.open()) {
        IllegalStateException e =
            assertThrows(
                IllegalStateException.class,
                () ->
                    Device.current()
                        .record(
                            () -> {
                              outer.keep(old.apply(x));
                              x.assign(x.add(1));
                            }));

        assertTrue(e.getMessage().contains("F32 [2] was before"), e.getMessage());
        assertArrayEquals(new float[] {1, 2}, x.toFloatArray());
      }
    }
  }

  @Test
  void shouldCloseScopesThatFailedStepsLeftOpen() {
    try (Scope scope = Scope.open()) {
      Tensor x = Tensor.ones(2);
      IllegalStateException e =
          assertThrows(
              IllegalStateException.class,
              () ->
                  Device.current()
                      .record(
                          () -> {
                            Scope.open();
                            return x.add(1);
                          }));

      assertTrue(e.getMessage().contains("inner scope"), e.getMessage());
      assertFalse(Recording.isActive());
      scope.keep(x);
    }
  }

  // ---------------------------------------------------------------- numbers, constants, indices

  @Test
  void shouldComputeNumbersForEachReplay() {
    int[] calls = {0};
    Supplier<double[]> numbers = () -> new double[] {0.1 * ++calls[0], -calls[0]};
    for (DType dtype : List.of(DType.F32, DType.F64)) {
      calls[0] = 0;
      try (Recording step =
          Device.current().record(() -> Recording.numbers(dtype, numbers).mul(1))) {
        step.replay();
        step.replay();

        double third = dtype == DType.F32 ? (float) (0.1 * 3) : 0.1 * 3;
        double[] expected = {third, -3};
        assertArrayEquals(expected, step.result().cast(DType.F64).toDoubleArray());
      }
    }
  }

  @Test
  void shouldActOnTheHostBeforeEachReplay() {
    List<String> done = new ArrayList<>();
    Supplier<Tensor> step =
        () -> {
          assertTrue(Recording.isActive());
          Recording.onReplay(() -> done.add("first"), () -> done.add("undone"));
          Tensor number =
              Recording.numbers(
                  DType.F32,
                  () -> {
                    done.add("number");
                    return new double[] {done.size()};
                  });
          Recording.onReplay(() -> done.add("last"), () -> done.add("undone"));
          return number;
        };
    try (Recording recording = Device.current().record(step)) {
      recording.replay();

      assertEquals(List.of("number", "first", "number", "last"), done);
      assertEquals(3, recording.result().item());
    }
    Recording.onReplay(() -> done.add("outside"), () -> done.add("outside"));
    assertFalse(Recording.isActive());
    assertEquals(4, done.size());
  }

  @Test
  void shouldRefuseWhatActionsDoToTheirRecording() {
    Tensor x = Tensor.zeros(2);
    Runnable[] action = {() -> {}};
    List<String> undone = new ArrayList<>();
    Recording step =
        Device.current()
            .record(
                () -> {
                  Recording.onReplay(() -> action[0].run(), () -> undone.add("undone"));
                  Recording.onReplay(() -> {}, () -> undone.add("last"));
                  return x.assign(x.add(1));
                });
    action[0] = step::replay;
    IllegalStateException again = assertThrows(IllegalStateException.class, step::replay);
    assertTrue(again.getMessage().contains("within a replay"), again.getMessage());
    action[0] = () -> {};
    step.replay();
    action[0] = step::close;

    IllegalStateException closed = assertThrows(IllegalStateException.class, step::replay);

    assertTrue(closed.getMessage().contains("closed"), closed.getMessage());
    assertEquals(List.of("last", "undone"), undone);
    assertArrayEquals(new float[] {2, 2}, x.toFloatArray());
  }

  @Test
  void shouldKeepRangesThatOperationsMake() {
    Tensor labels = Tensor.of(new long[] {1, 0}, 2);
    Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
    try (Recording step =
        Device.current()
            .record(
                () ->
                    labels
                        .oneHot(2, DType.F32)
                        .add(x.tril(0))
                        .add(Tensor.eye(2))
                        .add(x.cumsum(0))
                        .add(Tensor.arange(0.0, 2.0, 1.0)))) {
      assertArrayEquals(new float[] {3, 4, 8, 12}, step.result().reshape(4).toFloatArray());
      labels.assign(new long[] {0, 1});
      x.assign(new float[] {0, 0, 0, 0});

      step.replay();

      assertArrayEquals(new float[] {2, 1, 0, 3}, step.result().reshape(4).toFloatArray());
    }
  }

  @Test
  void shouldKeepRangesThatTheStepAssigns() {
    Tensor shift = Tensor.of(new float[] {10, 20}, 2);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  Tensor range = Tensor.arange(0.0, 2.0, 1.0);
                  range.assign(range.add(shift));
                  return range;
                })) {
      step.replay();
      step.replay();

      assertArrayEquals(new float[] {10, 21}, step.result().toFloatArray());
    }
  }

  @Test
  void shouldGiveVectorsOfNumbersOutsideOfRecordings() {
    for (double[] numbers : List.of(new double[] {0.1}, new double[] {0.1, 2}, new double[0])) {
      for (DType dtype : List.of(DType.F32, DType.F64)) {
        String plain = Trainee.bits(Recording.numbers(dtype, () -> numbers));
        try (Recording step =
            Device.current().record(() -> Recording.numbers(dtype, () -> numbers))) {
          assertEquals(plain, Trainee.bits(step.result()));
        }
      }
    }
  }

  // Long sums in parts, running sums, and more axes than a kernel takes.
  private static List<Tensor> demanding(Tensor x, Tensor y) {
    Tensor cube =
        x.slice(1, 0, 384).reshape(3, 2, 3, 2, 2, 2, 2, 2, 2).permute(8, 1, 6, 3, 0, 5, 2, 7, 4);
    return List.of(
        x.matmul(y),
        x.sum(),
        x.square().sum(0),
        x.argmax(1).cast(DType.F32),
        x.cumsum(1).mean(1),
        x.softmax(1).max(1),
        x.transpose().sum(1).mean(),
        cube.add(cube.flip(2)).sum(4));
  }

  @Test
  void shouldReplayKernelsThatNeedMemoryOfTheirOwn() {
    Tensor x = Samples.uniform(DType.F32, 1, -1, 1, 3, 20_011).upload();
    Tensor y = Samples.uniform(DType.F32, 2, -1, 1, 20_011, 2).upload();
    Tensor next = Samples.uniform(DType.F32, 3, -1, 1, 3, 20_011).upload();
    List<Tensor> kept = demanding(x, y).stream().map(Tensor::zerosLike).toList();
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  List<Tensor> values = demanding(x, y);
                  for (int i = 0; i < values.size(); i++) {
                    kept.get(i).assign(values.get(i));
                  }
                })) {
      x.assign(next);
      List<String> expected = demanding(next, y).stream().map(Trainee::bits).toList();
      for (int i = 0; i < 3; i++) {
        scoped(() -> demanding(x.neg(), y.mul(2)).forEach(Tensor::realize));

        step.replay();

        assertEquals(expected, kept.stream().map(Trainee::bits).toList());
      }
    }
  }

  @Test
  void shouldGatherAndScatter() {
    Tensor table = Tensor.arange(0.0, 8.0, 1.0).reshape(4, 2).requiresGrad(true);
    Tensor index = Tensor.of(new long[] {1, 3, 1}, 3);
    try (Recording step =
        Device.current()
            .record(
                () -> {
                  table.zeroGrad();
                  Tensor rows = table.indexSelect(0, index);
                  rows.square().sum().backward();
                  return rows;
                })) {
      index.assign(new long[] {0, 0, 2});

      step.replay();

      assertArrayEquals(new float[] {0, 1, 0, 1, 4, 5}, step.result().reshape(6).toFloatArray());
      assertArrayEquals(
          new float[] {0, 4, 0, 0, 8, 10, 0, 0},
          table.grad().orElseThrow().reshape(8).toFloatArray());
    }
  }
}
