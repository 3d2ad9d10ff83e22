package dev.quern.trainer;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Where a command writes: results to {@code out}, everything else to {@code err}.
 *
 * @param terminal whether a person watches {@code err} on a terminal
 */
record Console(PrintStream out, PrintStream err, boolean terminal) {
  private static final Gson GSON =
      new GsonBuilder().serializeNulls().disableHtmlEscaping().setPrettyPrinting().create();

  /** Returns the console of this process. */
  static Console system() {
    return new Console(System.out, System.err, isTerminal());
  }

  // Java tells nothing about standard error alone; the launcher does, and so does Linux.
  private static boolean isTerminal() {
    String told = System.getProperty("quern.tty");
    if (told != null) {
      return Boolean.parseBoolean(told);
    }
    try {
      String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
    } catch (IOException | UnsupportedOperationException e) {
      return false;
    }
  }

  /** Prints a line of result, formatted without regard to the locale. */
  void say(String format, Object... args) {
    out.println(String.format(Locale.ROOT, format, args));
  }

  /** Prints a line about how things go. */
  void note(String format, Object... args) {
    err.println(String.format(Locale.ROOT, format, args));
  }

  /** Prints one JSON object. */
  void json(JsonObject object) {
    out.println(GSON.toJson(object));
  }
}
