package dev.quern.trainer.verify;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.quern.Tensor;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An operator applied to inputs.
 *
 * @param attributes what the case sets; defaults apply to the rest
 * @param inputs the operands, null where an optional one is left out
 * @param outputs how many results are wanted
 */
record Call(JsonObject attributes, List<@Nullable Tensor> inputs, int outputs) {
  /** Returns an operand that must be there. */
  Tensor in(int index) {
    Tensor tensor = optional(index);
    if (tensor == null) {
      throw new IllegalArgumentException("operand " + index + " is missing");
    }
    return tensor;
  }

  /** Returns an operand or null. */
  @Nullable Tensor optional(int index) {
    return index < inputs.size() ? inputs.get(index) : null;
  }

  /** Returns all operands. */
  List<Tensor> all() {
    return java.util.stream.IntStream.range(0, inputs.size()).mapToObj(this::in).toList();
  }

  int integer(String name, int otherwise) {
    JsonElement value = attributes.get(name);
    return value == null ? otherwise : value.getAsInt();
  }

  double number(String name, double otherwise) {
    JsonElement value = attributes.get(name);
    return value == null ? otherwise : value.getAsDouble();
  }

  String text(String name, String otherwise) {
    JsonElement value = attributes.get(name);
    return value == null ? otherwise : value.getAsString();
  }

  boolean flag(String name, boolean otherwise) {
    return integer(name, otherwise ? 1 : 0) != 0;
  }

  int @Nullable [] integers(String name) {
    JsonArray values = attributes.getAsJsonArray(name);
    return values == null
        ? null
        : values.asList().stream().mapToInt(JsonElement::getAsInt).toArray();
  }

  /** Returns an integer operand's elements, or null if it is left out. */
  long @Nullable [] longs(int index) {
    Tensor tensor = optional(index);
    return tensor == null ? null : tensor.toLongArray();
  }
}
