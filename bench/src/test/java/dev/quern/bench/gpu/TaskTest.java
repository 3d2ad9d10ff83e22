package dev.quern.bench.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.Device;
import dev.quern.Scope;
import java.util.HashSet;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What tasks are, cost and check. */
final class TaskTest {
  @Test
  void shouldReadWhatItWrote() {
    Task task = Task.of("mlp", "bf16", 256, 784, 128, 10);

    assertEquals(task, Task.parse(task.line()));
    assertEquals("mlp-bf16-256x784x128x10", task.id());
  }

  @Test
  void shouldCountTheProductsOfATrainingStep() {
    Task task = Task.of("mlp", "f32", 256, 784, 128, 10);

    // Two products for the first layer, three for the second.
    assertEquals(2L * 256 * (2 * 784 * 128 + 3 * 128 * 10), task.flops());
  }

  @Test
  void shouldCountTheBytesOfAProductByItsType() {
    long elements = 10 * 20 + 20 * 30 + 10 * 30;

    assertEquals(4 * elements, Task.of("matmul", "f32", 10, 20, 30).bytes());
    assertEquals(4 * elements, Task.of("matmul", "tf32", 10, 20, 30).bytes());
    assertEquals(2 * elements, Task.of("matmul", "bf16", 10, 20, 30).bytes());
  }

  @Test
  void shouldHaveEachTaskOnceAtEveryScale() {
    for (double scale : new double[] {1, 0.5, 1e-3, 1e-6}) {
      List<Task> tasks = Tasks.all(scale);

      assertTrue(tasks.stream().noneMatch(task -> task.sizes().contains(0L)), tasks.toString());
      assertEquals(Tasks.all(1).size(), tasks.size());
    }
    assertEquals(Tasks.all(1).size(), new HashSet<>(Tasks.all(1)).size());
  }

  @Test
  void shouldTryEachKindAndPrecisionOnce() {
    List<Task> few = Tasks.few(1);

    assertEquals(13, few.size());
    assertTrue(Tasks.all(1).containsAll(few));
    assertTrue(few.contains(Task.of("mlp", "bf16", 8192, 784, 4096, 4096, 10)));
  }

  @Test
  void shouldRefuseAScaleBeyondTheLargest() {
    assertThrows(IllegalArgumentException.class, () -> Tasks.all(2));
    assertThrows(IllegalArgumentException.class, () -> Tasks.all(Double.NaN));
  }

  @Test
  void shouldFindEveryTasksResultRightOnTheCpu() {
    Device.setCurrent(Device.of("cpu"));
    for (Task task : Tasks.all(1e-6)) {
      for (boolean recorded : new boolean[] {false, true}) {
        try (Workload work = Workloads.of(task, recorded);
            Scope scope = Scope.open()) {
          double part = work.check();

          assertTrue(part <= 1, task.id());
        }
      }
    }
  }

  @Test
  void shouldRefuseAWrongResult() {
    assertEquals(0.5, WrongResultException.within("x", 1, 1.5, 1));
    assertThrows(WrongResultException.class, () -> WrongResultException.within("x", 1, 3, 1));
    assertThrows(
        WrongResultException.class, () -> WrongResultException.within("x", 1, Double.NaN, 1));
    assertThrows(WrongResultException.class, () -> WrongResultException.within("x", 1, 2, 0));
  }

  @Test
  void shouldTellTheMedianOfEvenAndOddCounts() {
    assertEquals(new Spread(2, 1, 9, 3), Spread.of(List.of(9.0, 1.0, 2.0)));
    assertEquals(new Spread(2.5, 1, 9, 4), Spread.of(List.of(9.0, 1.0, 2.0, 3.0)));
  }
}
