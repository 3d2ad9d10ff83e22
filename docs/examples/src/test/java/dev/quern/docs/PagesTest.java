package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The pages show the examples' code and what it prints. {@code -Dquern.docs.write=true} brings them
 * up to date instead.
 */
class PagesTest {
  private static final List<String> PAGES =
      List.of("tutorial.md", "kotlin.md", "memory.md", "cpu.md", "pytorch.md", "recording.md");

  @Test
  void shouldShowCodeAndOutputAsTheyAre(@TempDir Path folder) throws IOException {
    Kotlin.compile(Examples.root().resolve("docs/examples/src/test/kotlin"), folder);
    try (URLClassLoader classes = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Examples examples = new Examples(classes);
      for (String name : PAGES) {
        Path page = Examples.root().resolve("docs").resolve(name);

        String rendered = Page.rendered(name, Regions.lines(page), examples);

        if (Boolean.getBoolean("quern.docs.write")) {
          Files.writeString(page, rendered);
        }
        assertEquals(rendered, Files.readString(page), name);
      }
    }
  }

  @Test
  void shouldRefuseCodeFromNowhere() {
    List<String> page = List.of("```java", "int x;", "```");

    assertThrows(IllegalArgumentException.class, () -> render(page));
  }

  @Test
  void shouldRefuseAnUnknownRegion() {
    List<String> page = List.of("<!-- code: Lines.java nowhere -->", "```java", "```");

    assertThrows(IllegalArgumentException.class, () -> render(page));
  }

  @Test
  void shouldReplaceWhatDiffers() {
    List<String> page = List.of("<!-- code: Lines.java data -->", "```java", "int x;", "```", "A");

    String rendered = render(page);

    assertEquals("<!-- code: Lines.java data -->\n```java\n" + code("data") + "```\nA\n", rendered);
  }

  private static String render(List<String> page) {
    return Page.rendered("page", page, new Examples(PagesTest.class.getClassLoader()));
  }

  private static String code(String region) {
    return new Examples(PagesTest.class.getClassLoader()).code("Lines.java", region);
  }
}
