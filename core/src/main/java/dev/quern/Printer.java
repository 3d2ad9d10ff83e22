package dev.quern;

import dev.quern.spi.Program;
import java.util.Locale;

/** Writes a tensor for a person. */
final class Printer {
  private static final int EDGE = 3;

  private Printer() {}

  static String print(Tensor tensor, long limit) {
    StringBuilder out = new StringBuilder();
    out.append("Tensor(").append(tensor.dtype()).append(' ').append(tensor.shape());
    out.append(", ").append(tensor.device().id()).append(") ");
    long[] strides = dev.quern.internal.Layouts.contiguous(tensor.shape());
    boolean abbreviate = tensor.size() > limit;
    if (tensor.dtype().isFloat()) {
      double[] values = tensor.toDoubleArray();
      DType dtype = tensor.dtype();
      print(out, tensor.shape(), strides, 0, 0, abbreviate, i -> number(values[i], dtype));
    } else if (tensor.dtype() == DType.BOOL) {
      boolean[] values = tensor.toBooleanArray();
      print(out, tensor.shape(), strides, 0, 0, abbreviate, i -> String.valueOf(values[i]));
    } else {
      long[] values = tensor.toLongArray();
      print(out, tensor.shape(), strides, 0, 0, abbreviate, i -> String.valueOf(values[i]));
    }
    return out.toString();
  }

  private static String number(double value, DType dtype) {
    if (value == Math.rint(value) && Math.abs(value) < 1e7) {
      return String.format(Locale.ROOT, "%.1f", value);
    }
    if (!Double.isFinite(value)) {
      return Double.toString(value);
    }
    return switch (dtype) {
      case F16, BF16 -> Double.toString(shortest(value, dtype));
      case F32 -> Float.toString((float) value);
      default -> Double.toString(value);
    };
  }

  /** Returns the decimal number of fewest digits that rounds to a value of a 16-bit type. */
  private static double shortest(double value, DType dtype) {
    for (int digits = 0; ; digits++) {
      String text = String.format(Locale.ROOT, "%." + digits + "e", value);
      double decimal = Double.parseDouble(text);
      if (Program.bits(dtype, decimal) == Program.bits(dtype, value)) {
        return decimal;
      }
    }
  }

  private interface Element {
    String text(int index);
  }

  private static void print(
      StringBuilder out,
      Shape shape,
      long[] strides,
      int axis,
      long at,
      boolean abbreviate,
      Element element) {
    if (axis == shape.rank()) {
      out.append(element.text((int) at));
      return;
    }
    long dim = shape.dim(axis);
    out.append('[');
    for (long i = 0; i < dim; i++) {
      if (i > 0) {
        out.append(axis == shape.rank() - 1 ? ", " : ",\n" + " ".repeat(axis + 1));
      }
      if (abbreviate && dim > 2 * EDGE && i == EDGE) {
        out.append("...");
        i = dim - EDGE - 1;
        continue;
      }
      print(out, shape, strides, axis + 1, at + i * strides[axis], abbreviate, element);
    }
    out.append(']');
  }
}
