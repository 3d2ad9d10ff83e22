package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every piece of Java in the tables for people from PyTorch and NumPy compiles and runs. */
class TablesTest {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");

  private static final String BEFORE =
      """
      import dev.quern.*;
      import dev.quern.nn.*;
      import dev.quern.nn.Module;
      import dev.quern.optim.*;
      import dev.quern.random.*;

      public class Tables {
        static float[] a = {1, 2, 3, 4, 5, 6};
        static Tensor x = Tensor.of(a, 2, 3);
        static Tensor y = Tensor.of(new float[] {3, 0, 3, 9, 1, 6}, 2, 3);
        static Tensor w = Tensor.ones(3, 4).requiresGrad(true);
        static Tensor i = Tensor.of(new long[] {2, 0}, 2);
        static Tensor j = Tensor.of(new long[] {2, 0}, 2, 1);
        static Tensor scores = Tensor.arange(8).cast(DType.F32).reshape(2, 4);
        static Tensor labels = Tensor.of(new long[] {2, 0}, 2);
        static Module model = new Linear(3, 4);
        static Optimizer opt = new Sgd(model.tensors(), 0.1);
        static {
          Losses.crossEntropy(model.forward(x), labels).backward();
        }
      """;

  @Test
  void shouldCompileAndRunTheLastColumn(@TempDir Path folder) throws Exception {
    List<String> pieces = pieces();
    StringBuilder source = new StringBuilder(BEFORE);
    for (int n = 0; n < pieces.size(); n++) {
      String piece = pieces.get(n);
      String body = piece.endsWith(";") ? piece + " return null;" : "return " + piece + ";";
      source.append("  public static Object piece" + n + "() { " + body + " }\n");
    }
    Path file = Files.writeString(folder.resolve("Tables.java"), source.append("}\n"));
    ByteArrayOutputStream messages = new ByteArrayOutputStream();

    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                messages,
                messages,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());

    assertEquals(0, status, messages.toString(StandardCharsets.UTF_8));
    assertTrue(pieces.size() > 80, "only " + pieces.size() + " pieces found");
    try (URLClassLoader classes = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Class<?> tables = classes.loadClass("Tables");
      for (int n = 0; n < pieces.size(); n++) {
        if (tables.getMethod("piece" + n).invoke(null) instanceof Tensor tensor) {
          tensor.realize();
        }
      }
    }
  }

  private static List<String> pieces() throws IOException {
    Path page = Examples.root().resolve("docs/pytorch.md");
    List<String> pieces = new ArrayList<>();
    for (String line : Files.readAllLines(page)) {
      if (line.startsWith("| `")) {
        String[] cells = line.replace("\\|", "\u0000").split("\\|");
        Matcher code = CODE.matcher(cells[cells.length - 1].replace('\u0000', '|'));
        while (code.find() && !cells[cells.length - 1].contains("module `")) {
          pieces.add(code.group(1));
        }
      }
    }
    return pieces;
  }
}
