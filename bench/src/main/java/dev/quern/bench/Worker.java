package dev.quern.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The process of one contender: reads a command per line from standard input, answers with a line
 * on standard output.
 *
 * <pre>
 * prepare SPEC   ok SIZE ELEMENT ...  the result's size and the elements compared; or: none
 * run N          ok NANOSECONDS       what N runs took
 * drop           ok                   frees what was prepared
 * </pre>
 *
 * The first line is {@code ok} and the contender's version. What goes wrong is {@code error} and a
 * reason.
 */
public final class Worker {
  private final Contender contender;
  private final PrintStream out;
  private Contender.@Nullable Work work;

  private Worker(Contender contender, PrintStream out) {
    this.contender = contender;
    this.out = out;
  }

  /**
   * Serves a contender until standard input ends.
   *
   * @param args its name and the number of threads
   */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    // What libraries print is no answer.
    System.setOut(System.err);
    new Worker(find(args[0]), answers).serve(Integer.parseInt(args[1]));
    System.exit(0);
  }

  /** Returns the contender of a name. */
  static Contender find(String name) {
    for (ServiceLoader.Provider<Contender> provider :
        ServiceLoader.load(Contender.class).stream().toList()) {
      Contender contender = provider.get();
      if (contender.name().equals(name)) {
        return contender;
      }
    }
    throw new IllegalArgumentException("no contender is called " + name);
  }

  private void serve(int threads) throws IOException {
    answer(
        () -> {
          contender.threads(threads);
          return "ok " + contender.version();
        });
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String command = line;
      answer(() -> obey(command));
    }
  }

  private interface Answer {
    String get();
  }

  private void answer(Answer answer) {
    String text;
    try {
      text = answer.get();
    } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
      text = "error " + e;
    }
    out.println(text.replace('\n', ' '));
    out.flush();
  }

  private String obey(String line) {
    String[] words = line.split(" ", 2);
    return switch (words[0]) {
      case "prepare" -> prepare(Spec.parse(words[1]));
      case "run" -> "ok " + run(Integer.parseInt(words[1]));
      case "drop" -> drop();
      default -> "error unknown command: " + line;
    };
  }

  private String prepare(Spec spec) {
    drop();
    Optional<Contender.Work> made = contender.prepare(spec);
    if (made.isEmpty()) {
      return "none";
    }
    work = made.get();
    work.run();
    return "ok " + samples(work.result());
  }

  /** Returns a result's size and the elements that are compared. */
  static String samples(float[] result) {
    long[] places = Numbers.places(result.length);
    return result.length
        + java.util.Arrays.stream(places)
            .mapToObj(i -> " " + result[(int) i])
            .collect(Collectors.joining());
  }

  private long run(int count) {
    Contender.Work current = work;
    if (current == null) {
      throw new IllegalStateException("run: nothing is prepared");
    }
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      current.run();
    }
    return System.nanoTime() - start;
  }

  private String drop() {
    if (work != null) {
      work.close();
      work = null;
    }
    return "ok";
  }
}
