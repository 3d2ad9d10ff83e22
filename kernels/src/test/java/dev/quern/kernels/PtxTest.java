package dev.quern.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class PtxTest {
  private static final Path PTX = Path.of("ptx");
  private static final String REBUILD =
      "; rebuild with mvn -Pcuda-kernels -pl core,kernels process-classes";

  @Test
  void shouldBeBuiltFromTheSources() throws IOException {
    TreeMap<String, String> actual = new TreeMap<>();
    for (String folder : List.of("cuda", "common")) {
      try (Stream<Path> files = Files.list(Path.of(folder))) {
        for (Path file : (Iterable<Path>) files::iterator) {
          String name = file.getFileName().toString();
          if (name.endsWith(".h") || name.endsWith(".cu")) {
            byte[] hash = UserCache.sha256().digest(Files.readAllBytes(file));
            actual.put(folder + "/" + name, HexFormat.of().formatHex(hash));
          }
        }
      }
    }

    TreeMap<String, String> recorded = new TreeMap<>();
    for (String line : Files.readAllLines(PTX.resolve("SOURCES.sha256"))) {
      recorded.put(line.substring(66), line.substring(0, 64));
    }

    assertEquals(actual, recorded, "the PTX is not that of the sources" + REBUILD);
  }

  @Test
  void shouldHaveTheCasesOfTheOpTable() throws IOException {
    String cases = Files.readString(Path.of("cuda/cases.h"));

    assertEquals(CudaCases.text(), cases, "cuda/cases.h is not that of the op table" + REBUILD);
  }

  @Test
  void shouldBeOldEnoughForDriversFrom525On() throws IOException {
    try (Stream<Path> files = Files.list(PTX)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(".ptx")) {
          String version = Files.readAllLines(file).get(0);
          assertTrue(version.matches("\\.version (7\\.\\d|8\\.0)"), file + ": " + version);
        }
      }
    }
  }

  @Test
  void shouldPickTheBestForADevice() {
    String oldest = Ptx.of("random", 7, 5);
    String newer = Ptx.of("random", 12, 0);

    assertTrue(oldest.contains(".target sm_75"));
    assertFalse(newer.isEmpty());
    assertThrows(IllegalArgumentException.class, () -> Ptx.of("random", 7, 0));
    assertThrows(IllegalArgumentException.class, () -> Ptx.of("none", 9, 0));
  }
}
