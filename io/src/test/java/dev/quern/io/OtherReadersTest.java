package dev.quern.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.quern.DType;
import dev.quern.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Has NumPy and the safetensors package read what this module wrote; skipped where Python, named by
 * the system property {@code quern.test.python}, has them not.
 */
class OtherReadersTest {
  private static final String PYTHON = System.getProperty("quern.test.python", "python3");
  private static final String CHECK =
      """
      for k, v in sorted(d.items()):
          v = v.astype('f8') if v.dtype != bool else v.astype('i4')
          print(k, d[k].dtype.str, d[k].shape, [float(x) for x in v.ravel()])
      """;
  private static final String EXPECTED =
      """
      b |b1 (2,) [1.0, 0.0]
      d <f8 (1, 2) [0.1, -1e+300]
      e <f4 (0, 3) []
      f <f4 (2, 2) [1.5, -0.0, inf, 3.0]
      größe <i4 () [-7.0]
      i <i8 (1,) [9007199254740992.0]
      """;

  @TempDir private Path folder;

  private static Map<String, NpyArray> arrays() {
    Map<String, NpyArray> out = new LinkedHashMap<>();
    out.put("b", new NpyArray(Shape.of(2), DType.BOOL, new boolean[] {true, false}));
    float[] floats = {1.5f, -0.0f, Float.POSITIVE_INFINITY, 3};
    out.put("f", new NpyArray(Shape.of(2, 2), DType.F32, floats));
    out.put("d", new NpyArray(Shape.of(1, 2), DType.F64, new double[] {0.1, -1e300}));
    out.put("größe", new NpyArray(Shape.of(), DType.I32, new int[] {-7}));
    out.put("i", new NpyArray(Shape.of(1), DType.I64, new long[] {1L << 53}));
    out.put("e", new NpyArray(Shape.of(0, 3), DType.F32, new float[0]));
    return out;
  }

  private static String python(String code, Path file) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(PYTHON, "-X", "utf8", "-c", code));
    command.add(file.toString());
    Process process;
    try {
      process = new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      return "No module: " + e.getMessage();
    }
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor(60, TimeUnit.SECONDS);
    return out;
  }

  private static void assertReads(String code, Path file) throws Exception {
    String printed = python("import sys\n" + code + CHECK, file);

    assumeTrue(!printed.contains("No module"), () -> "skipped: " + printed.strip());
    assertEquals(EXPECTED, printed);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void shouldWriteArchivesThatNumpyReads(boolean deflated) throws Exception {
    Path path = folder.resolve("a.npz");

    Npz.write(path, arrays(), deflated);

    assertReads("import numpy\nd = dict(numpy.load(sys.argv[1]))\n", path);
  }

  @Test
  void shouldWriteArraysThatNumpyReads() throws Exception {
    for (Map.Entry<String, NpyArray> array : arrays().entrySet()) {
      Npy.write(folder.resolve(array.getKey() + ".npy"), array.getValue());
    }

    assertReads(
        """
        import numpy, pathlib
        d = {p.stem: numpy.load(p) for p in pathlib.Path(sys.argv[1]).iterdir()}
        """,
        folder);
  }

  @Test
  void shouldWriteSafetensorsThatTheReferenceReads() throws Exception {
    Path path = folder.resolve("a.safetensors");
    String text = "a \"quoted\" \\ back\nslash, \u0001, ü, \ud83d\ude00";

    Safetensors.write(path, arrays(), Map.of("text", text));

    assertReads(
        """
        import json
        from safetensors import safe_open
        with safe_open(sys.argv[1], 'numpy') as f:
            d = {k: f.get_tensor(k) for k in f.keys()}
            assert f.metadata()['text'] == 'a "quoted" \\\\ back\\nslash, \\x01, ü, \\U0001f600'
        """,
        path);
  }
}
