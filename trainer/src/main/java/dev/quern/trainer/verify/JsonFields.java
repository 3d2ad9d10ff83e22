package dev.quern.trainer.verify;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The fields of a JSON object in a file; every fault names the file and the field. */
final class JsonFields {
  private static final long MAX_BYTES = 1 << 24;

  private final Path file;
  private final String prefix;
  private final JsonObject object;

  private JsonFields(Path file, String prefix, JsonObject object) {
    this.file = file;
    this.prefix = prefix;
    this.object = object;
  }

  /**
   * Reads a file that holds one object.
   *
   * @throws MalformedCaseException if it cannot be read or holds anything else
   */
  static JsonFields read(Path file) {
    JsonReader reader = new JsonReader(new StringReader(content(file)));
    reader.setStrictness(Strictness.STRICT);
    try {
      JsonElement root = JsonParser.parseReader(reader);
      if (reader.peek() != JsonToken.END_DOCUMENT) {
        throw new MalformedCaseException(file + ": text after the JSON value");
      }
      if (!root.isJsonObject()) {
        throw new MalformedCaseException(file + ": holds no JSON object");
      }
      return new JsonFields(file, "", root.getAsJsonObject());
    } catch (IOException | JsonParseException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      // The lines after the first only point at the parser's manual.
      String reason = String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
      throw new MalformedCaseException(file + ": not well-formed JSON: " + reason);
    }
  }

  private static String content(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw new MalformedCaseException(
            file + ": too large for a description: " + size + " bytes");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new MalformedCaseException(file + ": not UTF-8 text");
    } catch (IOException e) {
      String reason =
          e instanceof NoSuchFileException
              ? "no such file"
              : e instanceof AccessDeniedException ? "permission denied" : e.getMessage();
      throw new MalformedCaseException(file + ": cannot be read: " + reason);
    }
  }

  /** Returns the file. */
  Path file() {
    return file;
  }

  /** Returns the names of all fields. */
  Set<String> names() {
    return object.keySet();
  }

  /** Returns whether a field is there and not null. */
  boolean has(String name) {
    return object.has(name) && !object.get(name).isJsonNull();
  }

  /** Returns an exception that names the file, the field and the fault. */
  MalformedCaseException error(String name, String problem) {
    return new MalformedCaseException(file + ": \"" + prefix + name + "\" " + problem);
  }

  private JsonElement required(String name) {
    if (!has(name)) {
      throw error(name, "is missing");
    }
    return object.get(name);
  }

  private MalformedCaseException not(String name, String kind, JsonElement value) {
    String shown = value.toString();
    return error(
        name,
        "must be " + kind + ": " + (shown.length() > 60 ? shown.substring(0, 60) + " ..." : shown));
  }

  /** Returns a string. */
  String text(String name) {
    JsonElement value = required(name);
    if (!isText(value)) {
      throw not(name, "a string", value);
    }
    return value.getAsString();
  }

  /** Returns a string, or another where it is absent. */
  String text(String name, String fallback) {
    return has(name) ? text(name) : fallback;
  }

  /** Returns whether a field is a string. */
  boolean isText(String name) {
    return has(name) && isText(object.get(name));
  }

  private static boolean isText(JsonElement value) {
    return value instanceof JsonPrimitive primitive && primitive.isString();
  }

  /** Returns a number. */
  double number(String name) {
    return number(name, required(name));
  }

  /** Returns a number, or another where it is absent. */
  double number(String name, double fallback) {
    return has(name) ? number(name) : fallback;
  }

  private double number(String name, JsonElement value) {
    if (!(value instanceof JsonPrimitive primitive) || !primitive.isNumber()) {
      throw not(name, "a number", value);
    }
    return value.getAsDouble();
  }

  /** Returns an integer. */
  long integer(String name) {
    return integer(name, required(name));
  }

  /** Returns an integer, or another where it is absent. */
  long integer(String name, long fallback) {
    return has(name) ? integer(name) : fallback;
  }

  private long integer(String name, JsonElement value) {
    number(name, value);
    try {
      return value.getAsBigDecimal().longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw not(name, "an integer", value);
    }
  }

  /**
   * Returns an integer in a range.
   *
   * @throws MalformedCaseException if it is outside
   */
  int integer(String name, int low, int high) {
    long value = integer(name);
    if (value < low || value > high) {
      throw error(name, "must be in [" + low + ", " + high + "]: " + value);
    }
    return (int) value;
  }

  /** Returns true or false, or another where it is absent; a number counts as true unless 0. */
  boolean flag(String name, boolean fallback) {
    if (!has(name)) {
      return fallback;
    }
    JsonElement value = object.get(name);
    if (value instanceof JsonPrimitive primitive && primitive.isBoolean()) {
      return primitive.getAsBoolean();
    }
    return integer(name, value) != 0;
  }

  private JsonArray array(String name) {
    JsonElement value = required(name);
    if (!value.isJsonArray()) {
      throw not(name, "a list", value);
    }
    return value.getAsJsonArray();
  }

  /** Returns whether a field is a list. */
  boolean isList(String name) {
    return has(name) && object.get(name).isJsonArray();
  }

  /** Returns a list of integers. */
  long[] integers(String name) {
    return array(name).asList().stream().mapToLong(value -> integer(name, value)).toArray();
  }

  /** Returns a list of numbers. */
  double[] numbers(String name) {
    return array(name).asList().stream().mapToDouble(value -> number(name, value)).toArray();
  }

  /** Returns a list of file names beside this file, empty for one that is left out by null. */
  List<String> fileNames(String name) {
    List<String> out = new ArrayList<>();
    for (JsonElement value : array(name)) {
      if (!value.isJsonNull() && !isText(value)) {
        throw not(name, "a list of file names", value);
      }
      out.add(value.isJsonNull() ? "" : value.getAsString());
    }
    return out;
  }

  /** Returns the objects in a list, none if it is absent. */
  List<JsonFields> objects(String name) {
    List<JsonFields> out = new ArrayList<>();
    if (has(name)) {
      for (JsonElement value : array(name)) {
        out.add(object(name + "[" + out.size() + "]", value));
      }
    }
    return out;
  }

  /** Returns an object. */
  JsonFields object(String name) {
    return object(name, required(name));
  }

  /** Returns an object, one without fields where it is absent. */
  JsonFields objectOrEmpty(String name) {
    return has(name) ? object(name) : new JsonFields(file, prefix + name + ".", new JsonObject());
  }

  private JsonFields object(String name, JsonElement value) {
    if (!value.isJsonObject()) {
      throw not(name, "an object", value);
    }
    return new JsonFields(file, prefix + name + ".", value.getAsJsonObject());
  }

  /** Returns the path of a file that a field names, relative to this file's folder. */
  Path path(String name) {
    return path(name, text(name));
  }

  /** Returns the path of a file, relative to this file's folder; the field is named in errors. */
  Path path(String name, String fileName) {
    try {
      return file.resolveSibling(fileName).normalize();
    } catch (InvalidPathException e) {
      throw error(name, "is no file name: " + e.getMessage());
    }
  }
}
