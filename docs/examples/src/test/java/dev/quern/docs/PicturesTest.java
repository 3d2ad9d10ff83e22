package dev.quern.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.examples.Picture;
import dev.quern.examples.Pictures;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tutorial's pictures show what the code computes. {@code -Dquern.docs.write=true} draws them
 * anew.
 */
class PicturesTest {
  private static final Path FOLDER = Examples.root().resolve("docs/tutorial");

  private static List<Picture> pictures = List.of();

  @BeforeAll
  static void draw() {
    PrintStream before = System.out;
    System.setOut(new PrintStream(OutputStream.nullOutputStream(), false));
    try {
      pictures = Pictures.all();
    } finally {
      System.setOut(before);
    }
  }

  @Test
  void shouldShowWhatTheCodeComputes() throws IOException {
    for (Picture picture : pictures) {
      Path file = FOLDER.resolve(picture.name() + ".png");

      if (Boolean.getBoolean("quern.docs.write")) {
        picture.write(file);
      }
      assertEquals(Optional.of(picture.digest()), Picture.digest(file), picture.name());
    }
  }

  @Test
  void shouldBeOnThePage() throws IOException {
    String page = Files.readString(FOLDER.resolveSibling("tutorial.md"));
    List<String> files;
    try (var folder = Files.list(FOLDER)) {
      files = folder.map(file -> file.getFileName().toString()).collect(Collectors.toList());
    }

    for (String file : files) {
      assertTrue(page.contains("](tutorial/" + file + ")"), file);
    }
  }

  @Test
  void shouldKeepTheDigest(@TempDir Path folder) throws IOException {
    Picture picture = pictures.get(0);
    Path file = folder.resolve("picture.png");

    picture.write(file);

    assertEquals(Optional.of(picture.digest()), Picture.digest(file));
  }
}
