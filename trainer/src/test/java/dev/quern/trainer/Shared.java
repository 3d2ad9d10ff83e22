package dev.quern.trainer;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** Finds the folder of third-party data, which is no part of the project. */
public final class Shared {
  private Shared() {}

  /**
   * Returns a file below the folder named by the system property {@code quern.shared}, or else
   * below the nearest {@code shared} beside the working directory or one above it; skips the test
   * if it is not there.
   */
  public static String file(String path) {
    Optional<Path> found =
        candidates().map(folder -> folder.resolve(path)).filter(Files::exists).findFirst();
    assumeTrue(found.isPresent(), () -> "skipped: no shared/" + path + " (set -Dquern.shared)");
    return found.orElseThrow().toString();
  }

  private static Stream<Path> candidates() {
    String named = System.getProperty("quern.shared");
    if (named != null) {
      return Stream.of(Path.of(named));
    }
    return Stream.iterate(
            Optional.of(Path.of("").toAbsolutePath()),
            Optional::isPresent,
            folder -> folder.map(Path::getParent))
        .flatMap(Optional::stream)
        .map(folder -> folder.resolve("shared"));
  }
}
