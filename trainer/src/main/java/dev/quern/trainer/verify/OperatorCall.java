package dev.quern.trainer.verify;

import dev.quern.Tensor;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An operator's inputs and attributes, with the defaults that its mapping names. */
final class OperatorCall {
  private final String op;
  private final int opset;
  private final int outputs;
  private final List<@Nullable Tensor> inputs;
  private final JsonFields attributes;
  private final Set<String> known = new HashSet<>();

  OperatorCall(
      String op, int opset, List<@Nullable Tensor> inputs, int outputs, JsonFields attributes) {
    this.op = op;
    this.opset = opset;
    this.inputs = inputs;
    this.outputs = outputs;
    this.attributes = attributes;
  }

  /** Returns the version of the operator set. */
  int opset() {
    return opset;
  }

  /** Returns how many outputs are asked for. */
  int outputs() {
    return outputs;
  }

  /** Returns how many inputs are given, those left out included. */
  int inputs() {
    return inputs.size();
  }

  /** Returns whether an optional input is given. */
  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  /**
   * Returns an input.
   *
   * @throws MalformedCaseException if it is not given
   */
  Tensor in(int i) {
    Tensor input = i < inputs.size() ? inputs.get(i) : null;
    if (input == null) {
      throw attributes.error("inputs", "lacks input " + i + " of " + op);
    }
    return input;
  }

  /** Returns the values of an input of integers, such as axes. */
  long[] longs(int i) {
    return in(i).toLongArray();
  }

  /**
   * Returns the value of an input of one integer, such as an axis.
   *
   * @throws MalformedCaseException if it has not exactly one value
   */
  long single(int i) {
    if (in(i).size() != 1) {
      throw attributes.error("inputs", "input " + i + " of " + op + " must have one value");
    }
    return in(i).itemLong();
  }

  /** Returns whether an attribute is given. */
  boolean hasAttribute(String name) {
    known.add(name);
    return attributes.has(name);
  }

  /** Returns an attribute that has no default. */
  long integer(String name) {
    known.add(name);
    return attributes.integer(name);
  }

  /** Returns an integer attribute. */
  long integer(String name, long fallback) {
    known.add(name);
    return attributes.integer(name, fallback);
  }

  /** Returns an axis attribute as it is given, possibly negative. */
  int axis(String name, int fallback) {
    long axis = integer(name, fallback);
    if (axis != (int) axis) {
      throw attributes.error(name, "is no axis: " + axis);
    }
    return (int) axis;
  }

  /** Returns an attribute that is 0 or 1. */
  boolean flag(String name, boolean fallback) {
    return integer(name, fallback ? 1 : 0) != 0;
  }

  /** Returns an attribute that has no default. */
  double number(String name) {
    known.add(name);
    return attributes.number(name);
  }

  /** Returns a floating-point attribute. */
  double number(String name, double fallback) {
    known.add(name);
    return attributes.number(name, fallback);
  }

  /** Returns a string attribute. */
  String text(String name, String fallback) {
    known.add(name);
    return attributes.text(name, fallback);
  }

  /** Returns an attribute that has no default. */
  String text(String name) {
    known.add(name);
    return attributes.text(name);
  }

  /** Returns a list of integers. */
  long[] integers(String name) {
    known.add(name);
    return attributes.integers(name);
  }

  /** Notes attributes that have no influence on the result here. */
  void ignore(String... names) {
    known.addAll(List.of(names));
  }

  /**
   * Checks that the mapping looked at every attribute: one that it does not know may change what
   * the operator means.
   *
   * @throws UnsupportedCaseException if there is another
   */
  void checkAttributes() {
    for (String name : attributes.names()) {
      if (!known.contains(name)) {
        throw unsupported("attribute \"" + name + "\"");
      }
    }
  }

  /** Returns an exception that says what of this operator has no counterpart. */
  UnsupportedCaseException unsupported(String what) {
    return new UnsupportedCaseException(op + ": " + what + " is not supported");
  }
}
