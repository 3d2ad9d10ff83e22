package dev.quern.trainer.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.quern.DType;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.random.Generator;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.digits.DigitWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ResumeTest {
  private static final Samples DIGITS = DigitWriter.draw(0, 0, 90);
  private static final Samples OTHERS = DigitWriter.draw(0, 90, 30);

  @TempDir private Path folder;

  /** Keeps every state. */
  private static final class Keeper implements Checkpoints {
    private final List<TrainingState> states = new ArrayList<>();

    @Override
    public boolean isDue(long steps) {
      return true;
    }

    @Override
    public void save(TrainingState state) {
      states.add(state);
    }
  }

  private static Training training(
      Function<List<Tensor>, Optimizer> optimizer, int batchSize, int patience) {
    Model model = Model.mlp(DIGITS.columns(), List.of(8), 10, Activation.TANH, 0, DType.F32);
    Batch others = Batch.of(OTHERS, Task.CLASSES, DType.F32);
    return new Training(
        model,
        optimizer.apply(model.network().tensors()),
        new Training.Settings(6, batchSize, 0.01, 3, 1, patience),
        Batch.of(DIGITS, Task.CLASSES, DType.F32),
        others,
        others);
  }

  private static List<float[]> bits(TrainingState state) {
    return Stream.of(state.parameters(), state.optimizer(), state.best())
        .flatMap(List::stream)
        .map(array -> (float[]) array.data())
        .toList();
  }

  static Stream<Arguments> optimizers() {
    Function<List<Tensor>, Optimizer> sgd = p -> new Sgd(p, 0.1);
    Function<List<Tensor>, Optimizer> nesterov = p -> new Sgd(p, 0.1, 0.9, true, 0.01);
    Function<List<Tensor>, Optimizer> adamW = p -> Adam.adamW(p, 0.01, 0.1);
    return Stream.of(
        arguments("sgd", sgd, 20, 0),
        arguments("nesterov", nesterov, 20, 0),
        arguments("adamw", adamW, 20, 0),
        arguments("adamw, full batch", adamW, 0, 0),
        arguments("adamw, one row too few", adamW, 89, 0),
        // A rate that makes the validation loss rise soon.
        arguments("early stopping", (Function<List<Tensor>, Optimizer>) p -> new Sgd(p, 4), 20, 2));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("optimizers")
  void shouldEndWithTheSameBitsFromEveryStep(
      String name, Function<List<Tensor>, Optimizer> optimizer, int batchSize, int patience) {
    Scope scope = Scope.open();
    try (scope) {
      Keeper keeper = new Keeper();
      Training undisturbed = training(optimizer, batchSize, patience);
      History history = undisturbed.run(Progress.NONE, Checkpoints.NONE);
      TrainingState end = undisturbed.state();
      training(optimizer, batchSize, patience).run(Progress.NONE, keeper);

      assertTrue(keeper.states.size() > end.epoch());
      for (TrainingState state : keeper.states) {
        Path file = folder.resolve("checkpoint");
        state.write(file, Map.of());
        Training resumed = training(optimizer, batchSize, patience);
        resumed.resume(TrainingState.read(file, Map.of()));
        History again = resumed.run(Progress.NONE, Checkpoints.NONE);

        String place = "epoch " + state.epoch() + " batch " + state.batch();
        assertEquals(history, again, place);
        assertEquals(end.steps(), resumed.state().steps(), place);
        assertEquals(end.bestEpoch(), resumed.bestEpoch(), place);
        List<float[]> expected = bits(end);
        List<float[]> got = bits(resumed.state());
        assertEquals(expected.size(), got.size(), place);
        for (int i = 0; i < got.size(); i++) {
          assertArrayEquals(expected.get(i), got.get(i), place);
        }
      }
    }
  }

  @Test
  void shouldStopEarlyAndGoBackToTheBest() {
    Scope scope = Scope.open();
    try (scope) {
      Training training = training(p -> new Sgd(p, 4), 20, 2);

      training.run(Progress.NONE, Checkpoints.NONE);

      TrainingState state = training.state();
      assertEquals(state.bestEpoch() + 2, training.epochs());
      assertTrue(training.epochs() < 6);
      for (int i = 0; i < state.best().size(); i++) {
        assertArrayEquals(
            (float[]) state.best().get(i).data(), (float[]) state.parameters().get(i).data());
      }
    }
  }

  @Test
  void shouldRefuseAStateOfAnotherModel() {
    Scope scope = Scope.open();
    try (scope) {
      TrainingState other = training(p -> new Sgd(p, 1), 20, 0).state();
      Training adam = training(p -> new Adam(p, 1), 20, 0);
      Model small = Model.softmax(DIGITS.columns(), 10, DType.F32);
      Batch data = Batch.of(DIGITS, Task.CLASSES, DType.F32);
      Training softmax =
          new Training(
              small,
              new Sgd(small.network().tensors(), 1),
              new Training.Settings(1, 0, 0, 0, 0, 0),
              data,
              data,
              data);

      assertThrows(DataException.class, () -> adam.resume(other));
      assertThrows(DataException.class, () -> softmax.resume(other));
    }
  }

  @Test
  void shouldRefuseACheckpointOfOtherOptions() {
    Path file = folder.resolve("checkpoint");
    Scope scope = Scope.open();
    try (scope) {
      training(p -> new Sgd(p, 1), 20, 0).state().write(file, Map.of("--lr", "1.0"));

      DataException e =
          assertThrows(DataException.class, () -> TrainingState.read(file, Map.of("--lr", "2.0")));

      assertEquals(file + ": was made with --lr 1.0, not 2.0", e.getMessage());
    }
  }

  @Test
  void shouldPermuteEveryRowOnceAndUniformly() {
    Generator generator = new Generator(1, Shuffle.START);
    int[][] at = new int[5][5];
    int n = 20_000;
    for (int i = 0; i < n; i++) {
      int[] order = Shuffle.order(5, generator);
      for (int j = 0; j < 5; j++) {
        at[j][order[j]]++;
      }
    }

    for (int[] row : at) {
      for (int count : row) {
        // Six standard deviations of a binomial with p = 1/5.
        assertEquals(n / 5.0, count, 6 * Math.sqrt(n * 0.2 * 0.8));
      }
    }
    assertEquals(Shuffle.START + 3L * n, generator.position());
  }
}
