package dev.quern.trainer.learn;

import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.optim.Optimizer;
import dev.quern.trainer.data.Split;
import dev.quern.trainer.data.Task;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/**
 * Minimises a model's objective on the training rows. The data stay on the device, and nothing is
 * read back within an epoch. The same settings give the same bits.
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
   */
  public record Settings(int epochs, int batchSize, double l2, long seed, int measureEvery) {}

  private final Model model;
  private final Optimizer optimizer;
  private final Settings settings;
  private final Batch train;
  private final Batch test;

  /** Prepares training; the optimizer holds the model's parameters. */
  public Training(Model model, Optimizer optimizer, Settings settings, Batch train, Batch test) {
    this.model = model;
    this.optimizer = optimizer;
    this.settings = settings;
    this.train = train;
    this.test = test;
  }

  /** Returns the test rows. */
  public Batch test() {
    return test;
  }

  /** Returns the number of steps that {@link #run} takes. */
  public long steps() {
    return settings.epochs() * stepsPerEpoch();
  }

  private boolean isFullBatch() {
    return settings.batchSize() == 0 || settings.batchSize() >= train.rows();
  }

  private long stepsPerEpoch() {
    return isFullBatch() ? 1 : (train.rows() + settings.batchSize() - 1) / settings.batchSize();
  }

  /**
   * Trains.
   *
   * @throws DivergenceException if the loss is found to be no finite number
   */
  public History run(Progress progress) {
    List<History.Point> points = new ArrayList<>();
    Random random = new Random(settings.seed());
    for (int epoch = 1; epoch <= settings.epochs(); epoch++) {
      Scope scope = Scope.open();
      try (scope) {
        Tensor loss = isFullBatch() ? fullBatchEpoch(progress) : epoch(random, progress);
        boolean measured = settings.measureEvery() > 0 && epoch % settings.measureEvery() == 0;
        if (measured || progress.wantsLoss()) {
          double value = finite(loss.item(), epoch);
          progress.epoch(epoch, value);
          if (measured) {
            points.add(new History.Point(epoch, value, testAccuracy()));
          }
        }
      }
    }
    return new History(points);
  }

  private Tensor fullBatchEpoch(Progress progress) {
    Tensor loss = step(train);
    progress.step();
    return loss;
  }

  /** Takes one step per batch and returns the mean of their losses, each weighted by its rows. */
  private Tensor epoch(Random random, Progress progress) {
    long rows = train.rows();
    int[] order = Split.permutation((int) rows, random);
    Tensor shuffled = Tensor.of(Arrays.stream(order).asLongStream().toArray(), rows);
    Tensor mean = Tensor.zeros(train.features().dtype());
    for (long start = 0; start < rows; start += settings.batchSize()) {
      long end = Math.min(start + settings.batchSize(), rows);
      Scope scope = Scope.open();
      try (scope) {
        Tensor loss = step(train.select(shuffled.slice(0, start, end)));
        mean.assign(mean.add(loss.mul((end - start) / (double) rows)));
      }
      progress.step();
    }
    return mean;
  }

  private Tensor step(Batch batch) {
    Tensor loss = model.objective(batch, settings.l2());
    loss.backward();
    optimizer.step();
    optimizer.zeroGrad();
    return loss.detach();
  }

  private double finite(double loss, int epoch) {
    if (!Double.isFinite(loss)) {
      throw new DivergenceException(epoch, loss, optimizer.learningRate());
    }
    return loss;
  }

  /**
   * Returns the objective on all training rows.
   *
   * @throws DivergenceException if it is no finite number
   */
  public double objective() {
    double loss = Evaluation.meanLoss(model, train) + Evaluation.penalty(model, settings.l2());
    return finite(loss, settings.epochs());
  }

  private double testAccuracy() {
    return model.task() == Task.REGRESSION || test.rows() == 0
        ? Double.NaN
        : Evaluation.correct(model, test) / (double) test.rows();
  }
}
