package dev.quern.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A page whose blocks of code follow a comment that says where they come from: {@code <!-- code:
 * Lines.java cost -->}, or {@code output:} for what that code prints.
 */
final class Page {
  private static final Pattern MARK =
      Pattern.compile("<!-- (code|output): (\\w+\\.(?:java|kt)) (\\w+) -->");
  private static final Pattern PROGRAM = Pattern.compile("```(java|kotlin|text)");
  private static final String FENCE = "```";

  private Page() {}

  /**
   * Returns the page with every block as it should be.
   *
   * @throws IllegalArgumentException if code or output has no comment, or a comment no block
   */
  static String rendered(String name, List<String> lines, Examples examples) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      Matcher mark = MARK.matcher(line);
      if (PROGRAM.matcher(line).matches()) {
        throw new IllegalArgumentException(name + ":" + (i + 1) + ": code from nowhere");
      }
      out.add(line);
      if (line.startsWith(FENCE)) {
        int end = end(name, lines, i);
        out.addAll(lines.subList(i + 1, end + 1));
        i = end;
      } else if (mark.matches()) {
        if (i + 1 >= lines.size() || !lines.get(i + 1).startsWith(FENCE)) {
          throw new IllegalArgumentException(name + ":" + (i + 1) + ": no block follows");
        }
        i = end(name, lines, i + 1);
        out.add(block(mark.group(1).equals("code"), mark.group(2), mark.group(3), examples));
      }
    }
    return String.join("\n", out) + "\n";
  }

  private static int end(String name, List<String> lines, int start) {
    for (int i = start + 1; i < lines.size(); i++) {
      if (lines.get(i).equals(FENCE)) {
        return i;
      }
    }
    throw new IllegalArgumentException(name + ":" + (start + 1) + ": block does not end");
  }

  private static String block(boolean code, String file, String region, Examples examples) {
    String language = !code ? "text" : file.endsWith(".kt") ? "kotlin" : "java";
    String text = code ? examples.code(file, region) : examples.output(file, region);
    return FENCE + language + "\n" + text + FENCE;
  }
}
