package dev.quern.trainer.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Device;
import dev.quern.MemoryStats;
import dev.quern.Scope;
import dev.quern.optim.Adam;
import dev.quern.optim.Sgd;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.digits.DigitWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainingTest {
  private static final Samples DIGITS = DigitWriter.draw(0, 0, 200);

  private static Training training(int epochs, int batchSize) {
    Model model = Model.mlp(DIGITS.columns(), List.of(32), 10, Activation.RELU, 0, DType.F32);
    return new Training(
        model,
        new Adam(model.network().tensors(), 0.001),
        new Training.Settings(epochs, batchSize, 0.01, 0, 1, 0),
        Batch.of(DIGITS, Task.CLASSES, DType.F32),
        Batch.of(DIGITS, Task.CLASSES, DType.F32),
        Batch.of(DIGITS, Task.CLASSES, DType.F32));
  }

  private static MemoryStats memoryAfter(int epochs, int batchSize) {
    Scope scope = Scope.open();
    try (scope) {
      training(epochs, batchSize).run(Progress.NONE, Checkpoints.NONE);
      return Device.current().memory();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 16})
  void shouldHoldNoMoreMemoryAfterManySteps(int batchSize) {
    MemoryStats few = memoryAfter(2, batchSize);
    MemoryStats many = memoryAfter(40, batchSize);

    assertEquals(few.inUse(), many.inUse());
    assertEquals(few.buffers(), many.buffers());
  }

  @Test
  void shouldFreeEverythingWithItsScope() {
    long before = Device.current().memory().inUse();

    memoryAfter(2, 16);

    assertEquals(before, Device.current().memory().inUse());
  }

  @Test
  void shouldCountTheStepsOfAShortLastBatch() {
    Scope scope = Scope.open();
    try (scope) {
      assertEquals(3 * 7, training(3, 30).steps());
      assertEquals(3, training(3, 0).steps());
      assertEquals(3, training(3, 1000).steps());
    }
  }

  @Test
  void shouldMeasureAFallingLoss() {
    Scope scope = Scope.open();
    try (scope) {
      History history = training(10, 50).run(Progress.NONE, Checkpoints.NONE);

      assertEquals(10, history.points().size());
      assertTrue(history.points().get(9).loss() < history.points().get(0).loss());
      assertTrue(history.points().get(9).accuracy() > 0.3);
    }
  }

  @Test
  void shouldStopAtALossThatIsNoNumber() {
    Scope scope = Scope.open();
    try (scope) {
      Model model = Model.linear(1, DType.F32);
      Samples samples = new Samples(1, new double[] {1, 2}, new double[] {1, 2});
      Batch batch = Batch.of(samples, Task.REGRESSION, DType.F32);
      Training training =
          new Training(
              model,
              new Sgd(model.network().tensors(), 1e9),
              new Training.Settings(50, 0, 0, 0, 1, 0),
              batch,
              batch,
              batch);

      assertThrows(DivergenceException.class, () -> training.run(Progress.NONE, Checkpoints.NONE));
    }
  }
}
