package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.NpyArray;
import dev.quern.io.Safetensors;
import dev.quern.trainer.data.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that training needs to go on with the same bits.
 *
 * @param epoch epochs finished
 * @param batch batches finished in the epoch after those
 * @param position where in the random stream that epoch's order starts
 * @param loss the mean loss of that epoch so far: no element or one
 * @param steps steps of the optimizer
 * @param parameters the model's parameters
 * @param optimizer the optimizer's state
 * @param points what was measured
 * @param bestLoss the least validation loss so far, infinite if there was none
 * @param bestEpoch after which epoch that was, 0 if there was none
 * @param best the parameters then, or none
 */
public record TrainingState(
    int epoch,
    long batch,
    long position,
    List<NpyArray> loss,
    long steps,
    List<NpyArray> parameters,
    List<NpyArray> optimizer,
    List<History.Point> points,
    double bestLoss,
    int bestEpoch,
    List<NpyArray> best) {
  private static final String FORMAT = "quern-checkpoint";
  private static final String VERSION = "1";
  private static final String OPTION = "option ";

  /**
   * Writes a checkpoint, which appears under its name only when it is complete and on the disk.
   *
   * @param options what the run depends on, by name
   * @throws java.io.UncheckedIOException if that fails; an existing file is then unharmed
   */
  public void write(Path path, Map<String, String> options) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("epoch", String.valueOf(epoch));
    metadata.put("batch", String.valueOf(batch));
    metadata.put("position", String.valueOf(position));
    metadata.put("steps", String.valueOf(steps));
    metadata.put("best loss", String.valueOf(bestLoss));
    metadata.put("best epoch", String.valueOf(bestEpoch));
    options.forEach((name, value) -> metadata.put(OPTION + name, value));
    Map<String, NpyArray> tensors = new LinkedHashMap<>();
    put(tensors, "parameter", parameters);
    put(tensors, "optimizer", optimizer);
    put(tensors, "best", best);
    put(tensors, "loss", loss);
    Shape shape = Shape.of(points.size());
    int[] epochs = points.stream().mapToInt(History.Point::epoch).toArray();
    double[] losses = points.stream().mapToDouble(History.Point::loss).toArray();
    double[] accuracies = points.stream().mapToDouble(History.Point::accuracy).toArray();
    tensors.put("history.epoch", new NpyArray(shape, DType.I32, epochs));
    tensors.put("history.loss", new NpyArray(shape, DType.F64, losses));
    tensors.put("history.accuracy", new NpyArray(shape, DType.F64, accuracies));
    Safetensors.write(path, tensors, metadata);
  }

  private static void put(Map<String, NpyArray> tensors, String name, List<NpyArray> arrays) {
    for (int i = 0; i < arrays.size(); i++) {
      tensors.put(name + "." + i, arrays.get(i));
    }
  }

  /**
   * Reads a checkpoint.
   *
   * @param options what it must have been made with
   * @throws DataException if the file holds no checkpoint, or one of another run
   * @throws dev.quern.io.FormatException if it is no well-formed safetensors file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static TrainingState read(Path path, Map<String, String> options) {
    try (Safetensors file = Safetensors.open(path)) {
      SavedModel.Metadata metadata = new SavedModel.Metadata(path, file.metadata());
      metadata.require(FORMAT, VERSION);
      options.forEach(
          (name, value) -> {
            String saved = metadata.text(OPTION + name);
            if (!saved.equals(value)) {
              throw new DataException(
                  path + ": was made with " + name + " " + saved + ", not " + value);
            }
          });
      List<History.Point> points = new ArrayList<>();
      int[] epochs = (int[]) history(path, file, "epoch", DType.I32);
      double[] losses = (double[]) history(path, file, "loss", DType.F64);
      double[] accuracies = (double[]) history(path, file, "accuracy", DType.F64);
      for (int i = 0; i < epochs.length; i++) {
        points.add(new History.Point(epochs[i], losses[i], accuracies[i]));
      }
      return new TrainingState(
          metadata.integer("epoch", 0),
          metadata.longInteger("batch", 0),
          metadata.longInteger("position", 0),
          list(file, "loss"),
          metadata.longInteger("steps", 0),
          list(file, "parameter"),
          list(file, "optimizer"),
          points,
          metadata.number("best loss"),
          metadata.integer("best epoch", 0),
          list(file, "best"));
    }
  }

  private static Object history(Path path, Safetensors file, String name, DType dtype) {
    String first = "history.epoch";
    Shape shape = file.names().contains(first) ? file.shape(first) : Shape.of(0);
    return SavedModel.tensor(path, file, "history." + name, shape, dtype).data();
  }

  private static List<NpyArray> list(Safetensors file, String name) {
    List<NpyArray> out = new ArrayList<>();
    while (file.names().contains(name + "." + out.size())) {
      out.add(file.read(name + "." + out.size()));
    }
    return out;
  }
}
