package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Links from page to page lead somewhere, and every page can be reached from the README. */
class LinksTest {
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");

  @Test
  void shouldLeadSomewhere() throws IOException {
    List<String> broken = new ArrayList<>();
    for (Path page : pages()) {
      for (Path target : targets(page)) {
        if (!Files.exists(target)) {
          broken.add(page.getFileName() + ": " + target);
        }
      }
    }

    assertEquals(List.of(), broken);
  }

  @Test
  void shouldReachEveryPage() throws IOException {
    List<Path> reached = new ArrayList<>(List.of(Examples.root().resolve("README.md")));
    for (int i = 0; i < reached.size(); i++) {
      for (Path target : targets(reached.get(i))) {
        if (target.toString().endsWith(".md") && !reached.contains(target)) {
          reached.add(target);
        }
      }
    }

    assertTrue(reached.containsAll(pages()), "reached only " + reached);
  }

  private static List<Path> pages() throws IOException {
    List<Path> pages = new ArrayList<>();
    for (Path folder : List.of(Examples.root(), Examples.root().resolve("docs"))) {
      try (Stream<Path> files = Files.list(folder)) {
        files.filter(file -> file.toString().endsWith(".md")).forEach(pages::add);
      }
    }
    return pages;
  }

  private static List<Path> targets(Path page) throws IOException {
    List<Path> targets = new ArrayList<>();
    Matcher link = LINK.matcher(Files.readString(page));
    while (link.find()) {
      targets.add(page.resolveSibling(link.group(1)).normalize());
    }
    return targets;
  }
}
