package dev.quern.kernels;

import dev.quern.spi.BackendUnavailableException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** System properties; a value that makes no sense takes the backend away, for that reason. */
public final class Settings {
  private static final Logger LOGGER = System.getLogger("dev.quern.kernels");

  private Settings() {}

  /** Returns a number of bytes, at least 1. */
  public static long bytes(String name, long normally) {
    String value = System.getProperty(name);
    if (value == null) {
      return normally;
    }
    try {
      long bytes = Long.parseLong(value);
      if (bytes > 0) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      LOGGER.log(Level.DEBUG, "not a number", e);
    }
    throw new BackendUnavailableException(name + ": not a number of bytes: " + value);
  }

  /** Returns whether something is to be. */
  public static boolean flag(String name, boolean normally) {
    String value = System.getProperty(name);
    if (value == null) {
      return normally;
    }
    if (!value.equals("true") && !value.equals("false")) {
      throw new BackendUnavailableException(name + ": neither true nor false: " + value);
    }
    return Boolean.parseBoolean(value);
  }
}
