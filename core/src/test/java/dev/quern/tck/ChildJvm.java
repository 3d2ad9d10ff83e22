package dev.quern.tck;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A main class of a module's tests in a JVM of its own, with an environment of its own. */
public final class ChildJvm {
  private final Process process;
  private final Path output;

  /** What a JVM ended with; output and error output together. */
  public record Result(int status, String output) {}

  /** Starts the JVM; it keeps all its files below the folder. */
  public ChildJvm(Path folder, Class<?> main, Map<String, String> environment, String... options) {
    this(folder, main, environment, new String[0], options);
  }

  /** The same with arguments for the main class. */
  public ChildJvm(
      Path folder,
      Class<?> main,
      Map<String, String> environment,
      String[] arguments,
      String... options) {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + File.separator + "bin" + File.separator + "java");
    command.add("-Xshare:auto");
    command.add("-XX:TieredStopAtLevel=1");
    command.add("-XX:ErrorFile=" + folder.resolve("hs_err.log"));
    command.add("-Djava.io.tmpdir=" + folder);
    command.addAll(List.of(options));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    try {
      output = Files.createTempFile(folder, "output", ".txt");
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.redirectOutput(output.toFile()).directory(folder.toFile());
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns how the JVM ended. */
  public Result await() throws InterruptedException {
    if (!process.waitFor(300, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("a JVM does not end");
    }
    try {
      return new Result(process.exitValue(), Files.readString(output));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
