package dev.quern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A contender's process, seen from the race. */
final class Remote implements AutoCloseable {
  /**
   * Who runs and how.
   *
   * @param name what tables call it
   * @param threads how many threads it may use
   */
  record Label(String name, int threads) {
    @Override
    public String toString() {
      return name + " " + threads + "T";
    }
  }

  private static final long PATIENCE_SECONDS = 90;

  private final Label label;
  private final boolean compilesLate;
  private final Process process;
  private final BufferedReader answers;
  private final Writer commands;
  private String version = "";

  /**
   * Starts a process; {@link #greet} waits until it is ready.
   *
   * @param compilesLate whether its code gets faster after thousands of runs
   */
  Remote(Label label, boolean compilesLate, List<String> command, Path log) {
    this.label = label;
    this.compilesLate = compilesLate;
    ProcessBuilder builder = new ProcessBuilder(new ArrayList<>(command));
    Map<String, String> environment = builder.environment();
    String threads = String.valueOf(label.threads());
    environment.put("OMP_NUM_THREADS", threads);
    environment.put("OPENBLAS_NUM_THREADS", threads);
    environment.put("MKL_NUM_THREADS", threads);
    environment.remove("OPENBLAS_L2_SIZE");
    environment.remove("OPENBLAS_CORETYPE");
    Surroundings.openBlasKernels(Surroundings::hasFlag)
        .ifPresent(kernels -> environment.put("OPENBLAS_CORETYPE", kernels));
    // Threads that spin after their work would slow down whoever comes next.
    environment.put("OPENBLAS_THREAD_TIMEOUT", "20");
    builder.redirectError(ProcessBuilder.Redirect.to(log.toFile()));
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    answers = process.inputReader(StandardCharsets.UTF_8);
    commands = process.outputWriter(StandardCharsets.UTF_8);
  }

  Label label() {
    return label;
  }

  /** Returns whether its code gets faster after thousands of runs. */
  boolean compilesLate() {
    return compilesLate;
  }

  /** Returns the process's number. */
  long id() {
    return process.pid();
  }

  /** Returns what the process said it is. */
  String version() {
    return version;
  }

  /** Returns why the process cannot take part, or an empty text. */
  String greet() {
    String answer = receive();
    if (!answer.startsWith("ok ")) {
      return answer;
    }
    version = answer.substring(3);
    return "";
  }

  /** Sends a command. */
  void send(String command) {
    try {
      commands.write(command + "\n");
      commands.flush();
    } catch (IOException e) {
      // The process ended: the answer will say so.
      process.destroyForcibly();
    }
  }

  /** Returns the next answer; it begins with {@code error} if the process ended or is stuck. */
  String receive() {
    Thread watchdog =
        new Thread(
            () -> {
              try {
                TimeUnit.SECONDS.sleep(PATIENCE_SECONDS);
                process.destroyForcibly();
              } catch (InterruptedException e) {
                // Answered in time.
              }
            });
    watchdog.setDaemon(true);
    watchdog.start();
    try {
      String line = answers.readLine();
      return line == null ? "error the process ended" : line;
    } catch (IOException e) {
      return "error " + e;
    } finally {
      watchdog.interrupt();
    }
  }

  /**
   * Returns what {@code count} runs took, in nanoseconds.
   *
   * @throws IllegalStateException if they failed
   */
  long run(int count) {
    send("run " + count);
    String answer = receive();
    if (!answer.startsWith("ok ")) {
      throw new IllegalStateException(label + ": " + answer);
    }
    return Math.max(1, Long.parseLong(answer.substring(3)));
  }

  @Override
  public void close() {
    try {
      commands.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
