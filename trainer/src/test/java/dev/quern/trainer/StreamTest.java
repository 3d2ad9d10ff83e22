package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.io.Npy;
import dev.quern.io.NpyArray;
import dev.quern.trainer.Cli.Outcome;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamTest {
  @TempDir private Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void writeData(int rows, float last) {
    Random random = new Random(1);
    float[] x = new float[rows * 6];
    long[] y = new long[rows];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < 6; j++) {
        x[i * 6 + j] = (float) random.nextGaussian();
      }
      y[i] = x[i * 6] > x[i * 6 + 1] ? 1 : 0;
    }
    x[x.length - 1] = last;
    Npy.write(folder.resolve("x.npy"), new NpyArray(Shape.of(rows, 2, 3), DType.F32, x));
    Npy.write(folder.resolve("y.npy"), new NpyArray(Shape.of(rows), DType.I64, y));
  }

  private Outcome train(String save, String options) {
    List<String> args = new ArrayList<>(List.of("train", "mlp", "--data", path("x.npy")));
    args.addAll(List.of("--labels", path("y.npy"), "--save", path(save), "--hidden", "5"));
    args.addAll(List.of(options.split(" ", -1)));
    return Cli.run(args.toArray(String[]::new));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--batch 32 --epochs 3",
        "--batch 7 --epochs 2 --standardize --test-every 5 --optimizer adam",
        "--batch 64 --epochs 4 --normalize --scale 3 --validation-split 0.3 --patience 1 --lr 3",
        "--batch 50 --epochs 2 --dtype f64 --test-split 0.2",
        "--batch 1000 --epochs 3",
      })
  void shouldEndWithTheSameBitsAsFromMemory(String options) throws IOException {
    writeData(200, 0);

    Outcome memory = train("memory", options);
    Outcome stream = train("stream", options + " --stream");

    assertEquals(0, stream.status(), stream.err());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("memory")), Files.readAllBytes(folder.resolve("stream")));
    assertEquals(untimed(memory.out()), untimed(stream.out()));
  }

  private static List<String> untimed(String text) {
    return text.lines().filter(line -> !line.startsWith("time")).toList();
  }

  @Test
  void shouldResumeFromMemoryWhatWasStreamed() throws IOException {
    writeData(200, 0);
    String options = "--batch 32 --optimizer momentum --epochs ";
    train("whole", options + 4);

    train("half", options + "2 --stream --checkpoint " + path("c"));
    Outcome rest = train("rest", options + "4 --resume " + path("c"));

    assertEquals(0, rest.status(), rest.err());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole")), Files.readAllBytes(folder.resolve("rest")));
  }

  @Test
  void shouldNameTheRowThatIsNoNumber() {
    writeData(200, Float.NaN);

    Outcome outcome = train("m", "--batch 32 --stream");

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains("x.npy: row 200: column 6: NaN"), outcome.err());
  }

  @Test
  void shouldTrainOnDataLargerThanItsMemory() throws Exception {
    int rows = 50_000;
    int columns = 1024;
    try (OutputStream out =
        new BufferedOutputStream(Files.newOutputStream(folder.resolve("large.npy")), 1 << 16)) {
      String header =
          "{'descr': '|u1', 'fortran_order': False, 'shape': (" + rows + ", " + columns + "), }\n";
      out.write(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) header.length(), 0});
      out.write(header.getBytes(StandardCharsets.US_ASCII));
      byte[] row = new byte[columns];
      for (int i = 0; i < rows; i++) {
        row[0] = (byte) (i % 2);
        row[i % columns] ^= 1;
        out.write(row);
      }
    }
    long[] y = new long[rows];
    for (int i = 0; i < rows; i++) {
      y[i] = i % 2;
    }
    Npy.write(folder.resolve("labels.npy"), new NpyArray(Shape.of(rows), DType.I64, y));

    // In memory the features alone would take 410 MB as doubles and 205 MB as floats.
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx160m",
                "-cp",
                System.getProperty("java.class.path"),
                "dev.quern.trainer.Main"));
    command.addAll(
        List.of(
            "train",
            "logistic",
            "--data",
            path("large.npy"),
            "--labels",
            path("labels.npy"),
            "--stream",
            "--batch",
            "512",
            "--epochs",
            "1"));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("log").toFile())
            .start();

    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue(), Files.readString(folder.resolve("log")));
  }
}
