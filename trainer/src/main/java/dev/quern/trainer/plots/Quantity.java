package dev.quern.trainer.plots;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the numbers of a column measure.
 *
 * @param name for example {@code price}
 * @param unit for example {@code 1000 EUR}; empty if it is not known
 */
public record Quantity(String name, String unit) {
  private static final Pattern WITH_UNIT = Pattern.compile("(.*\\S)\\s*[(\\[]([^()\\[\\]]+)[)\\]]");

  /** Reads {@code name (unit)}, {@code name [unit]} or a name alone. */
  public static Quantity of(String text) {
    Matcher matcher = WITH_UNIT.matcher(text.strip());
    return matcher.matches()
        ? new Quantity(matcher.group(1), matcher.group(2).strip())
        : new Quantity(text.strip(), "");
  }

  /** Returns what the numbers count: the unit, or the name where there is none. */
  public String counted() {
    return unit.isEmpty() ? name : unit;
  }

  @Override
  public String toString() {
    return unit.isEmpty() ? name : name + " (" + unit + ")";
  }
}
