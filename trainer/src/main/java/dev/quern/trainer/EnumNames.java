package dev.quern.trainer;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads the constants of an enum as the command line spells them, in lower case. */
final class EnumNames<E extends Enum<E>> implements ITypeConverter<E> {
  private final Class<E> type;

  private EnumNames(Class<E> type) {
    this.type = type;
  }

  /** Has a command line read this enum. */
  static <E extends Enum<E>> void register(CommandLine line, Class<E> type) {
    line.registerConverter(type, new EnumNames<>(type));
  }

  /** Returns how the command line spells a constant. */
  static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public E convert(String value) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equalsIgnoreCase(value)) {
        return constant;
      }
    }
    String known =
        Arrays.stream(type.getEnumConstants()).map(EnumNames::of).collect(Collectors.joining(", "));
    throw new TypeConversionException("'" + value + "' is none of " + known);
  }
}
