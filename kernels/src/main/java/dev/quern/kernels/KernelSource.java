package dev.quern.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Puts the text of a kernel together: its macros, then its file with what that includes. */
public final class KernelSource {
  private static final Pattern INCLUDE =
      Pattern.compile("\\s*#\\s*include\\s+\"([^\"]+)\"\\s*(//.*)?");
  private static final Pattern LINE_END = Pattern.compile("\\R");

  private final String language;
  private final Set<String> seen = new HashSet<>();
  private final StringBuilder text = new StringBuilder();

  private KernelSource(String language) {
    this.language = language;
  }

  /**
   * Returns the whole text of a kernel. Each file comes in once, where it is first included; the
   * compiler's messages name the files.
   *
   * @param language the folder of the sources and their ending: {@code opencl}, {@code cl}
   * @throws IllegalArgumentException if a file is missing
   */
  public static String of(KernelKey key, String language, String ending) {
    KernelSource source = new KernelSource(language);
    for (Map.Entry<String, String> define : key.defines().entrySet()) {
      // A macro ends with its line.
      String value = LINE_END.matcher(define.getValue()).replaceAll(" ");
      source.text.append("#define ").append(define.getKey()).append(' ').append(value).append('\n');
    }
    source.append(key.family() + "." + ending, key.family());
    return source.text.toString();
  }

  private void append(String file, String family) {
    if (!seen.add(file)) {
      return;
    }
    int line = 1;
    text.append("#line 1 \"").append(file).append("\"\n");
    for (String content : LINE_END.split(read(file, family), -1)) {
      line++;
      Matcher include = INCLUDE.matcher(content);
      if (include.matches()) {
        append(String.valueOf(include.group(1)), family);
        text.append("#line ").append(line).append(" \"").append(file).append("\"\n");
      } else {
        text.append(content).append('\n');
      }
    }
  }

  private String read(String file, String family) {
    try (InputStream in = KernelSource.class.getResourceAsStream(language + "/" + file)) {
      if (in == null) {
        throw new IllegalArgumentException("kernel " + family + ": no source " + file);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("kernel " + family + ": source " + file + " unreadable", e);
    }
  }
}
