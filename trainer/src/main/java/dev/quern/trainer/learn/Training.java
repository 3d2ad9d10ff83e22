package dev.quern.trainer.learn;

import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.io.NpyArray;
import dev.quern.optim.Optimizer;
import dev.quern.random.Generator;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Task;
import java.util.ArrayList;
import java.util.List;

/**
 * Minimises a model's objective on the training rows. Nothing is read back within an epoch but for
 * a checkpoint. The same settings give the same bits, however often training is saved, stopped and
 * resumed.
 */
public final class Training {
  /**
   * How to train.
   *
   * @param epochs passes over the training rows
   * @param batchSize rows per step, drawn anew without replacement in each epoch; 0 for all rows in
   *     one step
   * @param l2 the penalty's factor k in {@code k / 2 * sum w^2}
   * @param seed decides the order of the rows
   * @param measureEvery after how many epochs each to add to the history; 0 for never
   * @param patience after how many epochs without a lower validation loss to stop and go back to
   *     the parameters of the lowest; 0 for never
   */
  public record Settings(
      int epochs, int batchSize, double l2, long seed, int measureEvery, int patience) {}

  private final Model model;
  private final Optimizer optimizer;
  private final Settings settings;
  private final Rows train;
  private final Rows validation;
  private final Rows test;

  private int epoch;
  private long batch;
  private long position = Shuffle.START;
  private List<NpyArray> loss = List.of();
  private final List<History.Point> points = new ArrayList<>();
  private double bestLoss = Double.POSITIVE_INFINITY;
  private int bestEpoch;
  private List<NpyArray> best = List.of();

  /**
   * Prepares training; the optimizer holds the model's parameters.
   *
   * @param validation rows that decide when to stop; may be none without patience
   * @param test rows to measure the history's accuracy with, or none
   */
  public Training(
      Model model, Optimizer optimizer, Settings settings, Rows train, Rows validation, Rows test) {
    this.model = model;
    this.optimizer = optimizer;
    this.settings = settings;
    this.train = train;
    this.validation = validation;
    this.test = test;
  }

  /** Returns the number of steps that {@link #run} still takes if it does not stop early. */
  public long steps() {
    return epoch >= settings.epochs() ? 0 : (settings.epochs() - epoch) * stepsPerEpoch() - batch;
  }

  /** Returns the number of epochs finished. */
  public int epochs() {
    return epoch;
  }

  /** Returns after which epoch the validation loss was lowest; 0 without patience. */
  public int bestEpoch() {
    return bestEpoch;
  }

  private boolean isFullBatch() {
    return settings.batchSize() == 0 || settings.batchSize() >= train.rows();
  }

  /** Returns the number of steps in an epoch. */
  public long stepsPerEpoch() {
    return isFullBatch() ? 1 : (train.rows() + settings.batchSize() - 1) / settings.batchSize();
  }

  /** Returns where training is, so that it can go on from there. */
  TrainingState state() {
    return new TrainingState(
        epoch,
        batch,
        position,
        loss,
        optimizer.steps(),
        arrays(optimizer.parameters()),
        arrays(optimizer.state()),
        List.copyOf(points),
        bestLoss,
        bestEpoch,
        best);
  }

  private static List<NpyArray> arrays(List<Tensor> tensors) {
    return tensors.stream().map(NpyArray::of).toList();
  }

  /**
   * Goes to where another training with the same model, optimizer, rows and settings was.
   *
   * @throws DataException if the state is not of such a training
   */
  public void resume(TrainingState state) {
    if (state.batch() >= stepsPerEpoch() || (state.batch() > 0) != (state.loss().size() == 1)) {
      throw new DataException("checkpoint: batch " + state.batch() + " of " + stepsPerEpoch());
    }
    Scope scope = Scope.open();
    try (scope) {
      restore(state.parameters());
      optimizer.restore(state.steps(), state.optimizer().stream().map(NpyArray::tensor).toList());
    } catch (IllegalArgumentException e) {
      throw new DataException("checkpoint: does not fit the model: " + e.getMessage());
    }
    epoch = state.epoch();
    batch = state.batch();
    position = state.position();
    loss = state.loss();
    points.clear();
    points.addAll(state.points());
    bestLoss = state.bestLoss();
    bestEpoch = state.bestEpoch();
    best = state.best();
  }

  private void restore(List<NpyArray> values) {
    List<Tensor> parameters = optimizer.parameters();
    if (values.size() != parameters.size()) {
      throw new IllegalArgumentException(values.size() + " parameters for " + parameters.size());
    }
    Scope scope = Scope.open();
    try (scope) {
      for (int i = 0; i < values.size(); i++) {
        parameters.get(i).assign(values.get(i).tensor());
      }
    }
  }

  /**
   * Trains to the end.
   *
   * @throws DivergenceException if the loss is found to be no finite number
   */
  public History run(Progress progress, Checkpoints checkpoints) {
    while (epoch < settings.epochs() && !isStopped()) {
      Scope scope = Scope.open();
      try (scope) {
        Tensor mean =
            isFullBatch() ? step(train.range(0, train.rows())) : steps(progress, checkpoints);
        if (isFullBatch()) {
          progress.step();
        }
        finishEpoch(mean, progress);
      }
      if (checkpoints.isDue(optimizer.steps())) {
        checkpoints.save(state());
      }
    }
    checkpoints.save(state());
    if (!best.isEmpty()) {
      restore(best);
    }
    return new History(points);
  }

  private boolean isStopped() {
    return settings.patience() > 0 && epoch - bestEpoch >= settings.patience();
  }

  private void finishEpoch(Tensor mean, Progress progress) {
    epoch++;
    batch = 0;
    loss = List.of();
    boolean measured = settings.measureEvery() > 0 && epoch % settings.measureEvery() == 0;
    if (measured || progress.wantsLoss()) {
      double value = finite(mean.item());
      progress.epoch(epoch, value);
      if (measured) {
        points.add(new History.Point(epoch, value, testAccuracy()));
      }
    }
    if (settings.patience() > 0) {
      double value = Evaluation.meanLoss(model, validation);
      if (value < bestLoss) {
        bestLoss = value;
        bestEpoch = epoch;
        best = arrays(optimizer.parameters());
      }
    }
  }

  /** Takes one step per batch and returns the mean of their losses, each weighted by its rows. */
  private Tensor steps(Progress progress, Checkpoints checkpoints) {
    long rows = train.rows();
    Generator generator = new Generator(settings.seed(), position);
    int[] order = Shuffle.order((int) rows, generator);
    Tensor mean =
        loss.isEmpty()
            ? Tensor.zeros(model.network().tensors().get(0).dtype())
            : loss.get(0).tensor();
    try (Rows.Batches batches = train.batches(order, settings.batchSize(), batch)) {
      while (batch < stepsPerEpoch()) {
        Scope scope = Scope.open();
        try (scope) {
          Batch next = batches.next();
          Tensor one = step(next);
          mean.assign(mean.add(one.mul(next.rows() / (double) rows)));
        }
        progress.step();
        batch++;
        // The end of an epoch is saved when it has been measured.
        if (batch < stepsPerEpoch() && checkpoints.isDue(optimizer.steps())) {
          loss = List.of(NpyArray.of(mean));
          checkpoints.save(state());
        }
      }
    }
    position = generator.position();
    return mean;
  }

  private Tensor step(Batch rows) {
    Tensor objective = model.objective(rows, settings.l2());
    objective.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return objective.detach();
  }

  private double finite(double value) {
    if (!Double.isFinite(value)) {
      throw new DivergenceException(epoch, value, optimizer.learningRate());
    }
    return value;
  }

  /**
   * Returns the objective on all training rows.
   *
   * @throws DivergenceException if it is no finite number
   */
  public double objective() {
    return finite(Evaluation.meanLoss(model, train) + Evaluation.penalty(model, settings.l2()));
  }

  private double testAccuracy() {
    return model.task() == Task.REGRESSION || test.rows() == 0
        ? Double.NaN
        : Evaluation.correct(model, test) / (double) test.rows();
  }
}
