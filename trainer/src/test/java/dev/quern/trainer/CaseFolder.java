package dev.quern.trainer;

import dev.quern.Tensor;
import dev.quern.io.Npy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A folder of hand-made cases to verify. */
final class CaseFolder {
  private final Path root;

  CaseFolder(Path root) {
    this.root = root;
  }

  /** Returns the folder of a case. */
  Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  /** Writes a file as it is given. */
  void write(String name, String file, String content) throws IOException {
    Files.writeString(folder(name).resolve(file), content);
  }

  /** Writes a case of one input and one output. */
  void unary(String name, String op, String attributes, Tensor input, Tensor output)
      throws IOException {
    write(
        name,
        "case.json",
        """
        {"name": "%s", "op": "%s", "domain": "ai.onnx", "family": "hand-made", "opset": 22,
         "attributes": %s, "inputs": ["x.npy"], "outputs": ["y.npy"], "rtol": 1e-3, "atol": 1e-7}
        """
            .formatted(name, op, attributes));
    Npy.write(folder(name).resolve("x.npy"), input);
    Npy.write(folder(name).resolve("y.npy"), output);
  }

  /** Runs the command over this folder. */
  Cli.Outcome verify(String... options) {
    List<String> args = new ArrayList<>(List.of("verify", root.toString()));
    args.addAll(List.of(options));
    return Cli.run(args.toArray(String[]::new));
  }
}
