package dev.quern.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;

/**
 * Starts the contenders' processes.
 *
 * @param device Quern's device
 * @param jdks further JDKs that Quern runs on, beside this process's own
 * @param peers whether other libraries take part
 * @param python the interpreter that has PyTorch and NumPy
 * @param logs where the processes' standard error goes
 */
record Field(String device, List<Path> jdks, boolean peers, String python, Path logs) {
  private static final List<String> JAVA_PEERS = List.of("nd4j", "djl-pytorch", "ejml", "ojalgo");
  private static final List<String> PYTHON_PEERS = List.of("pytorch", "openblas");

  /** Starts who can take part for these numbers of threads; tells who cannot. */
  List<Remote> start(List<Integer> threads, BiConsumer<Remote.Label, String> absent) {
    List<Remote> started = new ArrayList<>();
    for (int count : threads) {
      if (device.equals("cpu")) {
        started.add(java(new Remote.Label(CaseResult.MACHINE, count), home(), ownClasses(), ""));
      }
      started.add(java(new Remote.Label(CaseResult.QUERN, count), home(), ownClasses(), ""));
      for (Path jdk : jdks) {
        String name = CaseResult.QUERN + "-" + jdk.getFileName();
        started.add(java(new Remote.Label(name, count), jdk, ownClasses(), CaseResult.QUERN));
      }
      if (peers) {
        startPeers(count, started, absent);
      }
    }
    List<Remote> ready = new ArrayList<>();
    for (Remote remote : started) {
      String complaint = remote.greet();
      if (complaint.isEmpty()) {
        ready.add(remote);
      } else {
        absent.accept(remote.label(), complaint);
        remote.close();
      }
    }
    return ready;
  }

  private void startPeers(
      int threads, List<Remote> started, BiConsumer<Remote.Label, String> absent) {
    for (String name : PYTHON_PEERS) {
      Remote.Label label = new Remote.Label(name, threads);
      if (Files.isExecutable(Path.of(python))) {
        List<String> command = List.of(python, "-c", script(), name, "" + threads);
        started.add(new Remote(label, false, command, log(label)));
      } else {
        absent.accept(label, "no " + python);
      }
    }
    String classes = System.getProperty("quern.bench.peers", "");
    if (classes.isEmpty()) {
      JAVA_PEERS.forEach(
          name -> absent.accept(new Remote.Label(name, threads), "start this through ./quern"));
    } else {
      for (String name : JAVA_PEERS) {
        started.add(java(new Remote.Label(name, threads), home(), classes, ""));
      }
    }
  }

  private Remote java(Remote.Label label, Path jdk, String classes, String contender) {
    List<String> command = new ArrayList<>();
    command.add(jdk.resolve("bin").resolve("java").toString());
    if (hasVectorModule(jdk)) {
      command.add("--add-modules");
      command.add("jdk.incubator.vector");
    }
    command.add("--enable-native-access=ALL-UNNAMED");
    // The same for all: no time goes into growing the heap, and large pages where the system gives
    // them. G1 is what a server's Java takes by itself.
    command.addAll(List.of("-Xms1g", "-Xmx4g", "-XX:+UseG1GC", "-XX:+UseTransparentHugePages"));
    command.add("-Dquern.device=" + device);
    if (label.name().equals("nd4j") && Surroundings.hasFlag("avx512f")) {
      command.add("-Dorg.bytedeco.javacpp.platform.extension=-avx512");
    }
    command.addAll(List.of("-cp", classes, Worker.class.getName()));
    command.add(contender.isEmpty() ? label.name() : contender);
    command.add(String.valueOf(label.threads()));
    return new Remote(label, true, command, log(label));
  }

  private Path log(Remote.Label label) {
    return logs.resolve(label.name() + "-" + label.threads() + ".log");
  }

  private static Path home() {
    return Path.of(System.getProperty("java.home"));
  }

  private static String ownClasses() {
    return System.getProperty("java.class.path");
  }

  private static boolean hasVectorModule(Path jdk) {
    try {
      return Files.readString(jdk.resolve("release")).contains("jdk.incubator.vector");
    } catch (IOException e) {
      return false;
    }
  }

  private static String script() {
    try (InputStream in = Field.class.getResourceAsStream("worker.py")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
