package dev.quern.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a library of the system where Linux would: a binding that is loaded without it prints
 * lines of its own or fails with many.
 */
public final class SystemLibrary {
  private final Path root;
  private final @Nullable String libraryPath;

  /**
   * Looks below a root, which is {@code /} except in tests.
   *
   * @param libraryPath what LD_LIBRARY_PATH says
   */
  SystemLibrary(Path root, @Nullable String libraryPath) {
    this.root = root;
    this.libraryPath = libraryPath;
  }

  /**
   * Returns whether there is surely no library of any of these names; where the system is another,
   * nothing is sure.
   */
  public static boolean isAbsent(String... names) {
    return System.getProperty("os.name", "").equals("Linux")
        && !new SystemLibrary(Path.of("/"), System.getenv("LD_LIBRARY_PATH")).isThere(names);
  }

  boolean isThere(String... names) {
    try {
      for (Path folder : folders()) {
        for (String name : names) {
          if (Files.exists(folder.resolve(name))) {
            return true;
          }
        }
      }
      // The linker's cache is binary, but has the names of all libraries it knows in plain text.
      Path cache = root.resolve("etc/ld.so.cache");
      if (!Files.isRegularFile(cache)) {
        return true;
      }
      String known = new String(Files.readAllBytes(cache), StandardCharsets.ISO_8859_1);
      for (String name : names) {
        if (known.contains(name)) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      // Not known: let the loader find out.
      return true;
    }
  }

  private List<Path> folders() throws IOException {
    List<Path> folders = new ArrayList<>();
    if (libraryPath != null) {
      for (String folder : libraryPath.split("[:;]")) {
        folders.add(Path.of(folder));
      }
    }
    for (String folder : List.of("lib", "lib64", "usr/lib", "usr/lib64", "usr/local/lib")) {
      folders.add(root.resolve(folder));
    }
    Path multiarch = root.resolve("usr/lib");
    if (Files.isDirectory(multiarch)) {
      try (DirectoryStream<Path> found = Files.newDirectoryStream(multiarch, "*-linux-gnu")) {
        found.forEach(folders::add);
      }
    }
    return folders;
  }
}
