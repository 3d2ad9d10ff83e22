package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
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
  void shouldNameImportsThatDoForAllCode(@TempDir Path folder) throws IOException {
    String page = Files.readString(Examples.root().resolve("docs/tutorial.md"));
    String told = page.substring(page.indexOf("The imports are"), page.indexOf("## 1."));
    StringBuilder source = new StringBuilder();
    Matcher names = Pattern.compile("`(dev\\.quern[^`]*)`").matcher(told);
    while (names.find()) {
      source.append("import ").append(names.group(1)).append(";\n");
    }
    source.append("class All { Tensor a; Module b; Linear c; Sgd d; Generator e; Scope f; }");
    Path file = Files.writeString(folder.resolve("All.java"), source);
    ByteArrayOutputStream said = new ByteArrayOutputStream();

    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-proc:none",
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                file.toString());

    assertEquals(0, status, said.toString(StandardCharsets.UTF_8));
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
