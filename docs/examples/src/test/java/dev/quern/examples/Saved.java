package dev.quern.examples;

import dev.quern.Tensor;
import dev.quern.io.NpyArray;
import dev.quern.io.Safetensors;
import dev.quern.nn.Linear;
import dev.quern.nn.Module;
import dev.quern.nn.Parameter;
import dev.quern.nn.Sequential;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** A model's parameters in a file. */
public final class Saved {
  private Saved() {}

  public static void main(String[] args) throws IOException {
    Path path = Files.createTempFile("model", ".safetensors");
    Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3);
    Sequential model = layers();
    // [start:save]
    Map<String, NpyArray> arrays = new LinkedHashMap<>();
    for (Parameter parameter : model.parameters()) {
      arrays.put(parameter.name(), NpyArray.of(parameter.tensor()));
    }
    Safetensors.write(path, arrays, Map.of("trained", "no"));
    // [end:save]
    Sequential other = layers();
    // [start:load]
    try (Safetensors file = Safetensors.open(path)) {
      for (Parameter parameter : other.parameters()) {
        parameter.tensor().assign(file.readTensor(parameter.name()));
      }
      System.out.println(file.shape("0.weight"));
    }
    System.out.println(other.forward(x).eq(model.forward(x)).all());
    // [end:load]
    Files.delete(path);
  }

  private static Sequential layers() {
    return new Sequential(new Linear(3, 4), Module.of(Tensor::relu), new Linear(4, 2));
  }
}
