package dev.quern.trainer;

import dev.quern.trainer.data.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A folder to write into, which is made when there is something to write.
 *
 * @param option the option that names it
 */
record OutputFolder(String option, Path path) {
  /**
   * Finds out before the work what would lose its result after it.
   *
   * @throws DataException if the folder is none, or lies in one that cannot be written
   */
  void check() {
    Path at = path.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    if (!Files.isDirectory(at)) {
      String which = at.equals(path.toAbsolutePath()) ? "" : at + " ";
      throw new DataException(option + " " + path + ": " + which + "is no folder");
    }
    if (!Files.isWritable(at)) {
      throw new DataException(option + " " + path + ": " + at + " cannot be written");
    }
  }

  /**
   * Makes the folder and those above it where they are missing.
   *
   * @throws DataException if there is a file in the way
   */
  void create() {
    try {
      Files.createDirectories(path);
    } catch (FileAlreadyExistsException e) {
      throw new DataException(option + " " + path + ": is no folder");
    } catch (IOException e) {
      throw new UncheckedIOException(
          option + " " + path + ": cannot be made: " + e.getMessage(), e);
    }
  }
}
