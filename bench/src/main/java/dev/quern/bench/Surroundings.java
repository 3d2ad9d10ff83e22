package dev.quern.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Where and when something was measured. */
final class Surroundings {
  private Surroundings() {}

  /** Returns what there is to say, in order. */
  static Map<String, String> describe() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        "date",
        ZonedDateTime.now(ZoneOffset.UTC)
            .format(DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm 'UTC'")));
    facts.put(
        "machine", processor() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
    facts.put("system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    facts.put("jdk", System.getProperty("java.vendor") + " " + Runtime.version());
    facts.put("load before", load());
    return facts;
  }

  /** Returns the system's load of the last minute, as text. */
  static String load() {
    try {
      return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** Returns whether the processor says that it can do something. */
  static boolean hasFlag(String flag) {
    try {
      return Files.readString(Path.of("/proc/cpuinfo")).contains(" " + flag + " ");
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Returns the fastest kernels of OpenBLAS for a processor. By itself it knows processors by their
   * numbers, and takes kernels for SSE3, a fifth as fast, on one that came later than it did.
   *
   * @param hasFlag whether the processor can do something
   */
  static Optional<String> openBlasKernels(Predicate<String> hasFlag) {
    if (Stream.of("avx512f", "avx512dq", "avx512bw", "avx512vl").allMatch(hasFlag)) {
      return Optional.of("SkylakeX");
    }
    return Stream.of("avx2", "fma").allMatch(hasFlag) ? Optional.of("Haswell") : Optional.empty();
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.replaceFirst(".*: *", ""))
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
  }
}
