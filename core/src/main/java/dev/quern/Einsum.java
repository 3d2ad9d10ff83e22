package dev.quern;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Einstein summation as a sequence of diagonals, sums and batched matrix products, two operands at
 * a time from the left.
 */
final class Einsum {
  /** A tensor whose axes are named; upper-case letters from here on name an ellipsis's axes. */
  private record Named(Tensor tensor, String axes) {}

  /** The first of the private-use characters that stand for an ellipsis's axes. */
  private static final char ELLIPSIS_BASE = '\uE000';

  private Einsum() {}

  static Tensor compute(String equation, Tensor... operands) {
    String compact = equation.replace(" ", "");
    int arrow = compact.indexOf("->");
    String[] terms = (arrow < 0 ? compact : compact.substring(0, arrow)).split(",", -1);
    if (terms.length != operands.length || operands.length == 0) {
      throw bad(equation, terms.length + " terms for " + operands.length + " operands");
    }
    int ellipsisRank = 0;
    List<Named> named = new ArrayList<>();
    for (int i = 0; i < terms.length; i++) {
      int dots = operands[i].rank() - terms[i].replace("...", "").length();
      if (terms[i].contains("...") ? dots < 0 : dots != 0) {
        throw bad(equation, "term '" + terms[i] + "' does not fit shape " + operands[i].shape());
      }
      ellipsisRank = Math.max(ellipsisRank, dots);
      named.add(new Named(operands[i], expand(equation, terms[i], dots)));
    }
    String inputs = String.join("", named.stream().map(Named::axes).toList());
    String output =
        arrow < 0
            ? implicitOutput(inputs)
            : expand(equation, compact.substring(arrow + 2), ellipsisRank);
    checkOutput(equation, inputs, output);
    Named result = diagonals(equation, named.get(0));
    for (int i = 1; i < named.size(); i++) {
      StringBuilder wanted = new StringBuilder(output);
      named.subList(i + 1, named.size()).forEach(n -> wanted.append(n.axes()));
      result = product(equation, result, diagonals(equation, named.get(i)), wanted.toString());
    }
    return arranged(sumOut(result, output), output);
  }

  private static IllegalArgumentException bad(String equation, String why) {
    return new IllegalArgumentException("einsum: " + why + ": \"" + equation + "\"");
  }

  // Ellipsis axes are aligned at their end, as broadcasting is.
  private static String expand(String equation, String term, int dots) {
    if (term.indexOf("...") != term.lastIndexOf("...")) {
      throw bad(equation, "term '" + term + "' has more than one ellipsis");
    }
    StringBuilder letters = new StringBuilder();
    for (int i = dots; i > 0; i--) {
      letters.append((char) (ELLIPSIS_BASE + i));
    }
    String out = term.replace("...", letters);
    for (int i = 0; i < out.length(); i++) {
      char c = out.charAt(i);
      if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && c <= '\u007f') {
        throw bad(equation, "'" + c + "' is no axis name");
      }
    }
    return out;
  }

  private static String implicitOutput(String inputs) {
    TreeMap<Character, Integer> counts = new TreeMap<>();
    for (int i = 0; i < inputs.length(); i++) {
      char c = inputs.charAt(i);
      counts.merge(c, 1, Integer::sum);
    }
    StringBuilder ellipsis = new StringBuilder();
    StringBuilder out = new StringBuilder();
    counts.forEach(
        (c, n) -> {
          if (c >= ELLIPSIS_BASE) {
            ellipsis.insert(0, c.charValue());
          } else if (n == 1) {
            out.append(c.charValue());
          }
        });
    return ellipsis + out.toString();
  }

  private static void checkOutput(String equation, String inputs, String output) {
    for (int i = 0; i < output.length(); i++) {
      char c = output.charAt(i);
      if (output.indexOf(c) != output.lastIndexOf(c)) {
        throw bad(equation, "output axis '" + c + "' is named twice");
      }
      if (inputs.indexOf(c) < 0 && c < ELLIPSIS_BASE) {
        throw bad(equation, "output axis '" + c + "' is in no operand");
      }
    }
  }

  private static Named diagonals(String equation, Named operand) {
    Named out = operand;
    for (int i = 0; i < out.axes().length(); i++) {
      char c = out.axes().charAt(i);
      int j = out.axes().indexOf(c, i + 1);
      if (j < 0) {
        continue;
      }
      if (out.tensor().dim(i) != out.tensor().dim(j)) {
        throw bad(equation, "axis '" + c + "' has two extents in " + out.tensor().shape());
      }
      StringBuilder axes = new StringBuilder(out.axes());
      axes.deleteCharAt(j).deleteCharAt(i).append(c);
      out = new Named(out.tensor().diagonal(i, j), axes.toString());
      i = -1;
    }
    return out;
  }

  private static Named sumOut(Named operand, String wanted) {
    int[] axes = new int[operand.axes().length()];
    int n = 0;
    StringBuilder rest = new StringBuilder();
    for (int i = 0; i < axes.length; i++) {
      char c = operand.axes().charAt(i);
      if (wanted.indexOf(c) < 0) {
        axes[n++] = i;
      } else {
        rest.append(c);
      }
    }
    if (n == 0) {
      return operand;
    }
    Tensor sum = operand.tensor().sum(Arrays.copyOf(axes, n)).cast(operand.tensor().dtype());
    return new Named(sum, rest.toString());
  }

  private static Tensor arranged(Named operand, String output) {
    int[] order = new int[output.length()];
    for (int i = 0; i < order.length; i++) {
      order[i] = operand.axes().indexOf(output.charAt(i));
      if (order[i] < 0) {
        throw new IllegalArgumentException(
            String.format(Locale.ROOT, "einsum: output has more axes than %s", operand.axes()));
      }
    }
    return operand.tensor().permute(order);
  }

  /** Multiplies two operands and sums over the axes nobody wants any more. */
  private static Named product(String equation, Named left, Named right, String wanted) {
    Named a = sumOut(left, wanted + right.axes());
    Named b = sumOut(right, wanted + left.axes());
    StringBuilder batch = new StringBuilder();
    StringBuilder inner = new StringBuilder();
    StringBuilder onlyA = new StringBuilder();
    StringBuilder onlyB = new StringBuilder();
    for (char c : a.axes().toCharArray()) {
      int j = b.axes().indexOf(c);
      if (j < 0) {
        onlyA.append(c);
        continue;
      }
      long x = a.tensor().dim(a.axes().indexOf(c));
      long y = b.tensor().dim(j);
      if (x != y && x != 1 && y != 1) {
        throw bad(equation, "axis '" + c + "' has extents " + x + " and " + y);
      }
      (wanted.indexOf(c) >= 0 || x != y ? batch : inner).append(c);
    }
    for (char c : b.axes().toCharArray()) {
      if (a.axes().indexOf(c) < 0) {
        onlyB.append(c);
      }
    }
    Tensor x = matrix(a, batch.toString(), onlyA.toString(), inner.toString());
    Tensor y = matrix(b, batch.toString(), inner.toString(), onlyB.toString());
    Tensor z = x.matmul(y);
    long[] dims = Arrays.copyOf(z.shape().dims(), batch.length() + onlyA.length() + onlyB.length());
    int n = batch.length();
    for (char c : onlyA.toString().toCharArray()) {
      dims[n++] = a.tensor().dim(a.axes().indexOf(c));
    }
    for (char c : onlyB.toString().toCharArray()) {
      dims[n++] = b.tensor().dim(b.axes().indexOf(c));
    }
    return sumOut(new Named(z.reshape(dims), "" + batch + onlyA + onlyB), wanted);
  }

  /** Returns an operand as [batch..., rows, columns]. */
  private static Tensor matrix(Named operand, String batch, String rows, String columns) {
    Tensor arranged = arranged(operand, batch + rows + columns);
    long[] dims = Arrays.copyOf(arranged.shape().dims(), batch.length() + 2);
    dims[batch.length()] = 1;
    dims[batch.length() + 1] = 1;
    for (int i = 0; i < rows.length() + columns.length(); i++) {
      dims[batch.length() + (i < rows.length() ? 0 : 1)] *= arranged.dim(batch.length() + i);
    }
    return arranged.reshape(dims);
  }
}
