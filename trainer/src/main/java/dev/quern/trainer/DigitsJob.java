package dev.quern.trainer;

import com.google.gson.JsonObject;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Scope;
import dev.quern.Tensor;
import dev.quern.optim.Adam;
import dev.quern.trainer.data.Samples;
import dev.quern.trainer.data.Task;
import dev.quern.trainer.digits.DigitWriter;
import dev.quern.trainer.learn.Activation;
import dev.quern.trainer.learn.Batch;
import dev.quern.trainer.learn.Checkpoints;
import dev.quern.trainer.learn.History;
import dev.quern.trainer.learn.Model;
import dev.quern.trainer.learn.Training;
import dev.quern.trainer.plots.LossCurve;
import dev.quern.trainer.plots.MistakeSheet;
import dev.quern.trainer.plots.MistakeSheet.Mistake;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The main job: draws digits, trains a multilayer perceptron to read them, and shows what it
 * learned and where it errs.
 */
final class DigitsJob {
  /**
   * How much to do.
   *
   * @param trainRows images to train on
   * @param testRows images to test with
   * @param epochs passes over the former
   */
  record Extent(int trainRows, int testRows, int epochs) {
    /** What reaches about 97 % in well under a minute on two cores. */
    static final Extent FULL = new Extent(20_000, 4_000, 10);
  }

  private static final int BATCH_SIZE = 64;
  private static final double LEARNING_RATE = 0.001;
  private static final List<Integer> HIDDEN = List.of(128, 64);

  private final Console console;
  private final Device device;
  private final Path folder;
  private final long seed;
  private final Extent extent;

  DigitsJob(Console console, Device device, Path folder, long seed, Extent extent) {
    this.console = console;
    this.device = device;
    this.folder = folder;
    this.seed = seed;
    this.extent = extent;
  }

  /** Runs the job and returns what to report. */
  JsonObject run() {
    createFolder();
    long start = System.nanoTime();
    console.note("device: %s", device);
    Samples train = DigitWriter.draw(seed, 0, extent.trainRows());
    Samples test = DigitWriter.draw(seed, extent.trainRows(), extent.testRows());
    console.note(
        "drew %,d training and %,d test images of %d x %d pixels",
        extent.trainRows(), extent.testRows(), DigitWriter.SIZE, DigitWriter.SIZE);
    JsonObject result = new JsonObject();
    result.addProperty("model", "mlp");
    result.addProperty("device", device.id());
    result.addProperty("epochs", extent.epochs());
    Scope scope = Scope.open();
    try (scope) {
      Model model =
          Model.mlp(train.columns(), HIDDEN, DigitWriter.CLASSES, Activation.RELU, seed, DType.F32);
      Batch testBatch = Batch.of(test, Task.CLASSES, DType.F32);
      Training training =
          new Training(
              model,
              new Adam(model.network().tensors(), LEARNING_RATE),
              new Training.Settings(extent.epochs(), BATCH_SIZE, 0, seed, 1, 0),
              Batch.of(train, Task.CLASSES, DType.F32),
              testBatch,
              testBatch);
      History history;
      try (ProgressDisplay progress =
          new ProgressDisplay(console, extent.epochs(), training.steps())) {
        history = training.run(progress, Checkpoints.NONE);
      }
      List<Mistake> mistakes = mistakes(model, testBatch, test.labels());
      int correct = extent.testRows() - mistakes.size();
      result.addProperty("finalLoss", training.objective());
      result.addProperty("seconds", Math.round((System.nanoTime() - start) / 1e6) / 1000.0);
      result.addProperty("testAccuracy", correct / (double) extent.testRows());
      result.addProperty("testCorrect", correct);
      result.addProperty("testRows", extent.testRows());
      draw(history, test, mistakes, result);
    }
    return result;
  }

  private void createFolder() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(folder + ": cannot be made a folder", e);
    }
  }

  private static List<Mistake> mistakes(Model model, Batch test, long[] labels) {
    float[] probabilities =
        Tensor.noGrad(
            () -> {
              Scope scope = Scope.open();
              try (scope) {
                return model.network().forward(test.features()).softmax(1).toFloatArray();
              }
            });
    List<Mistake> mistakes = new ArrayList<>();
    for (int row = 0; row < labels.length; row++) {
      int best = 0;
      int at = row * DigitWriter.CLASSES;
      for (int k = 1; k < DigitWriter.CLASSES; k++) {
        best = probabilities[at + k] > probabilities[at + best] ? k : best;
      }
      if (best != labels[row]) {
        mistakes.add(new Mistake(row, (int) labels[row], best, probabilities[at + best]));
      }
    }
    return mistakes;
  }

  private void draw(History history, Samples test, List<Mistake> mistakes, JsonObject result) {
    Path curve = folder.resolve("loss.png");
    Path sheet = folder.resolve("mistakes.png");
    try {
      LossCurve.write("Reading the built-in digits with an MLP", history, curve);
      MistakeSheet.write(test.features(), DigitWriter.SIZE, mistakes, test.rows(), sheet);
      result.addProperty("lossCurve", curve.toString());
      result.addProperty("mistakes", sheet.toString());
    } catch (LinkageError | InternalError | NullPointerException e) {
      // A Java runtime without fonts or without its drawing libraries: what was learned still
      // counts.
      console.note("no pictures: this Java runtime cannot draw text (%s)", e);
    }
  }
}
