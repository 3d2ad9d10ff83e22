package dev.quern.kernels;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The prebuilt kernels of CUDA: a text for each family and class of devices. */
public final class Ptx {
  /** What families may be compiled for, best first; 90a is for 9.0 alone. */
  private static final List<String> TARGETS = List.of("90a", "90", "80", "75");

  private Ptx() {}

  /**
   * Returns the text of a family that suits a device best.
   *
   * @param major the device's compute capability before the point
   * @param minor and after it
   * @throws IllegalArgumentException if there is no such family, or none for this device
   */
  public static String of(String family, int major, int minor) {
    int capability = 10 * major + minor;
    for (String target : TARGETS) {
      boolean only = target.endsWith("a");
      int needed = Integer.parseInt(only ? target.substring(0, target.length() - 1) : target);
      if (only ? capability == needed : capability >= needed) {
        try (InputStream in =
            Ptx.class.getResourceAsStream("ptx/" + family + "." + target + ".ptx")) {
          if (in != null) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII);
          }
        } catch (IOException e) {
          throw new UncheckedIOException("kernel " + family + ": PTX unreadable", e);
        }
      }
    }
    throw new IllegalArgumentException(
        "kernel " + family + ": no PTX for compute capability " + major + "." + minor);
  }
}
