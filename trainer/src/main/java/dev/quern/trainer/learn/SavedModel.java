package dev.quern.trainer.learn;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.NpyArray;
import dev.quern.io.Safetensors;
import dev.quern.nn.Parameter;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.data.Scaling;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * A trained model in a safetensors file: the parameters under their names, such as {@code
 * 0.weight}; the preprocessing as pairs of F64 tensors {@code preprocessing.N.offset} and {@code
 * preprocessing.N.unit}, applied in turn as {@code (x - offset) / unit}, where a unit of 0 makes 0;
 * and the model's shape in the metadata.
 *
 * @param spec what the model is
 * @param preprocessing what happens to features, in order
 * @param parameters the parameters by name
 */
public record SavedModel(
    ModelSpec spec, List<Scaling> preprocessing, Map<String, NpyArray> parameters) {
  private static final String FORMAT = "quern-model";
  private static final String VERSION = "1";

  /** Makes a saved model that no longer changes. */
  public SavedModel {
    preprocessing = List.copyOf(preprocessing);
    parameters = Map.copyOf(parameters);
  }

  /** Returns a model as it is now. */
  public static SavedModel of(ModelSpec spec, List<Scaling> preprocessing, Model model) {
    Map<String, NpyArray> parameters =
        model.network().parameters().stream()
            .collect(Collectors.toMap(Parameter::name, p -> NpyArray.of(p.tensor())));
    return new SavedModel(spec, preprocessing, parameters);
  }

  /**
   * Writes the file, which appears under its name only when it is complete.
   *
   * @throws java.io.UncheckedIOException if that fails; an existing file is then unharmed
   */
  public void write(Path path) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("version", VERSION);
    metadata.put("model", spec.kind().toString());
    metadata.put("features", String.valueOf(spec.features()));
    metadata.put("classes", String.valueOf(spec.classes()));
    metadata.put("dtype", spec.dtype().name());
    if (spec.kind() == ModelKind.MLP) {
      metadata.put(
          "hidden", spec.hidden().stream().map(String::valueOf).collect(Collectors.joining(",")));
      metadata.put("activation", spec.activation().name());
    }
    metadata.put("preprocessing", String.valueOf(preprocessing.size()));
    Map<String, NpyArray> tensors = new LinkedHashMap<>();
    spec.shapes()
        .keySet()
        .forEach(name -> tensors.put(name, Objects.requireNonNull(parameters.get(name))));
    for (int i = 0; i < preprocessing.size(); i++) {
      Scaling scaling = preprocessing.get(i);
      Shape shape = Shape.of(scaling.offset().length);
      tensors.put(offset(i), new NpyArray(shape, DType.F64, scaling.offset()));
      tensors.put(unit(i), new NpyArray(shape, DType.F64, scaling.unit()));
    }
    Safetensors.write(path, tensors, metadata);
  }

  private static String offset(int i) {
    return "preprocessing." + i + ".offset";
  }

  private static String unit(int i) {
    return "preprocessing." + i + ".unit";
  }

  /**
   * Reads a file.
   *
   * @throws DataException if it holds no such model
   * @throws dev.quern.io.FormatException if it is no well-formed safetensors file
   * @throws java.io.UncheckedIOException if it cannot be read
   */
  public static SavedModel read(Path path) {
    try (Safetensors file = Safetensors.open(path)) {
      Metadata metadata = new Metadata(path, file.metadata());
      metadata.require(FORMAT, VERSION);
      ModelKind kind = metadata.constant("model", ModelKind.class);
      boolean mlp = kind == ModelKind.MLP;
      ModelSpec spec =
          new ModelSpec(
              kind,
              metadata.integer("features", 1),
              metadata.integer("classes", kind == ModelKind.LINEAR ? 0 : 1),
              mlp ? metadata.integers("hidden", 1) : List.of(),
              mlp ? metadata.constant("activation", Activation.class) : Activation.RELU,
              metadata.constant("dtype", DType.class));
      if (!spec.dtype().isFloat() || spec.dtype().isHalf()) {
        throw metadata.error("dtype", "is no floating-point type");
      }
      Map<String, NpyArray> parameters = new LinkedHashMap<>();
      spec.shapes()
          .forEach(
              (name, shape) -> parameters.put(name, tensor(path, file, name, shape, spec.dtype())));
      List<Scaling> preprocessing = new ArrayList<>();
      for (int i = 0; i < metadata.integer("preprocessing", 0); i++) {
        Shape shape = Shape.of(spec.features());
        preprocessing.add(
            new Scaling(
                (double[]) tensor(path, file, offset(i), shape, DType.F64).data(),
                (double[]) tensor(path, file, unit(i), shape, DType.F64).data()));
      }
      return new SavedModel(spec, preprocessing, parameters);
    }
  }

  /** Returns a tensor of the shape and type expected, which are compared before it is read. */
  static NpyArray tensor(Path path, Safetensors file, String name, Shape shape, DType dtype) {
    if (!file.names().contains(name)) {
      throw new DataException(path + ": tensor '" + name + "' is missing");
    }
    if (!file.shape(name).equals(shape) || !file.type(name).equals(dtype.name())) {
      throw new DataException(
          String.format(
              "%s: tensor '%s' is %s %s, not %s %s",
              path, name, file.type(name), file.shape(name), dtype, shape));
    }
    return file.read(name);
  }

  /** Returns the model on the current device. */
  public Model model() {
    Model model = spec.create(0);
    for (Parameter parameter : model.network().parameters()) {
      NpyArray saved = Objects.requireNonNull(parameters.get(parameter.name()));
      parameter.tensor().assign(saved.tensor());
    }
    return model;
  }

  /** The metadata of a file that this program wrote, read with suspicion. */
  record Metadata(Path path, Map<String, String> values) {
    /** Checks what the file is. */
    void require(String format, String version) {
      if (!format.equals(values.get("format"))) {
        throw new DataException(
            path
                + ": holds no "
                + format
                + ": its format is "
                + (values.containsKey("format") ? "'" + values.get("format") + "'" : "not told"));
      }
      if (!version.equals(values.get("version"))) {
        throw error("version", "is not " + version);
      }
    }

    DataException error(String key, String problem) {
      return new DataException(
          path + ": metadata '" + key + "' " + problem + ": " + values.get(key));
    }

    String text(String key) {
      String value = values.get(key);
      if (value == null) {
        throw error(key, "is missing");
      }
      return value;
    }

    int integer(String key, int least) {
      long value = longInteger(key, least);
      if (value > Integer.MAX_VALUE) {
        throw error(key, "is absurd");
      }
      return (int) value;
    }

    long longInteger(String key, long least) {
      try {
        long value = Long.parseLong(text(key));
        if (value >= least) {
          return value;
        }
      } catch (NumberFormatException e) {
        // Falls through to the message for every unusable value.
      }
      throw error(key, "is no integer from " + least + " on");
    }

    double number(String key) {
      try {
        return Double.parseDouble(text(key));
      } catch (NumberFormatException e) {
        throw error(key, "is no number");
      }
    }

    List<Integer> integers(String key, int least) {
      try {
        List<Integer> out = Arrays.stream(text(key).split(",", -1)).map(Integer::valueOf).toList();
        if (out.stream().allMatch(n -> n >= least)) {
          return out;
        }
      } catch (NumberFormatException e) {
        // Falls through to the message for every unusable value.
      }
      throw error(key, "is no list of integers from " + least + " on");
    }

    <E extends Enum<E>> E constant(String key, Class<E> type) {
      for (E constant : type.getEnumConstants()) {
        if (constant.name().equalsIgnoreCase(text(key))) {
          return constant;
        }
      }
      throw error(key, "is unknown");
    }
  }
}
