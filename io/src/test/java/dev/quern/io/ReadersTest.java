package dev.quern.io;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Repeats the inputs kept for the fuzzer, and damages each in a few thousand ways. */
class ReadersTest {
  private static final int DAMAGES = 2000;

  static Stream<Arguments> readers() {
    return Stream.of(
        reader("npy", Readers::npy),
        reader("rowsOfNpy", Readers::rowsOfNpy),
        reader("npz", Readers::npz),
        reader("safetensors", Readers::safetensors),
        reader("idx", Readers::idx));
  }

  private static Arguments reader(String name, Consumer<byte[]> reader) {
    return Arguments.of(name, reader);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("readers")
  void shouldReadOrRefuse(String name, Consumer<byte[]> reader) throws Exception {
    Path folder = Path.of(ReadersTest.class.getResource("ReadersFuzzTestInputs/" + name).toURI());
    List<Path> inputs;
    try (Stream<Path> files = Files.list(folder)) {
      inputs = files.sorted().toList();
    }

    Random random = new Random(1);
    for (Path input : inputs) {
      byte[] whole = Files.readAllBytes(input);
      reader.accept(whole);
      for (int i = 0; i < DAMAGES; i++) {
        reader.accept(damaged(whole, random));
      }
    }
  }

  /** Cuts, repeats or overwrites something, once or several times. */
  private static byte[] damaged(byte[] whole, Random random) {
    byte[] out = whole.clone();
    do {
      int at = random.nextInt(out.length + 1);
      switch (random.nextInt(4)) {
        case 0 -> out = Arrays.copyOf(out, at);
        case 1 ->
            out =
                FormatFiles.join(
                    Arrays.copyOf(out, at), Arrays.copyOfRange(out, at / 2, out.length));
        case 2 -> {
          if (at < out.length) {
            out[at] = (byte) random.nextInt();
          }
        }
        default -> {
          for (int i = at; i < Math.min(at + 1 + random.nextInt(8), out.length); i++) {
            out[i] = (byte) (random.nextBoolean() ? 0 : -1);
          }
        }
      }
    } while (random.nextInt(3) == 0);
    return out;
  }
}
