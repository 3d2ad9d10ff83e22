package dev.quern.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The named parts of a source file: from a line {@code // [start:name]} to its end. */
final class Regions {
  private record Region(int first, int last, String text) {}

  private static final Pattern MARK = Pattern.compile("\\s*// \\[(start|end):(\\w+)]");

  private final Map<String, Region> regions = new LinkedHashMap<>();

  /** Reads a source file. */
  Regions(Path source) {
    List<String> lines = lines(source);
    Map<String, Integer> open = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      Matcher mark = MARK.matcher(lines.get(i));
      if (!mark.matches()) {
        continue;
      }
      String name = mark.group(2);
      if (mark.group(1).equals("start")) {
        open.put(name, i + 1);
      } else {
        Integer first = open.remove(name);
        if (first == null || regions.containsKey(name)) {
          throw new IllegalArgumentException(source + ": region ends but did not start: " + name);
        }
        regions.put(name, new Region(first, i, dedented(lines.subList(first, i))));
      }
    }
    if (!open.isEmpty()) {
      throw new IllegalArgumentException(source + ": regions do not end: " + open.keySet());
    }
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the code of a region, moved to the left margin. */
  String text(String name) {
    Region region = regions.get(name);
    if (region == null) {
      throw new IllegalArgumentException("no region " + name + " among " + regions.keySet());
    }
    return region.text;
  }

  /** Returns the region that a line, counted from 1, is in; empty if it is in none. */
  String at(int line) {
    for (Map.Entry<String, Region> entry : regions.entrySet()) {
      if (entry.getValue().first < line && line <= entry.getValue().last) {
        return entry.getKey();
      }
    }
    return "";
  }

  private static String dedented(List<String> lines) {
    List<String> trimmed = new ArrayList<>(lines);
    while (!trimmed.isEmpty() && trimmed.get(trimmed.size() - 1).isBlank()) {
      trimmed.remove(trimmed.size() - 1);
    }
    int margin =
        trimmed.stream()
            .filter(line -> !line.isBlank())
            .mapToInt(line -> line.length() - line.stripLeading().length())
            .min()
            .orElse(0);
    StringBuilder text = new StringBuilder();
    for (String line : trimmed) {
      text.append(line.isBlank() ? "" : line.substring(margin)).append('\n');
    }
    return text.toString();
  }
}
