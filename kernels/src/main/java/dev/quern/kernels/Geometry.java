package dev.quern.kernels;

import dev.quern.spi.Program;
import dev.quern.spi.View;
import java.util.List;

/**
 * The words of a kernel's parameters: a few of its own, the extents of the axes, for each view its
 * offset and strides, then the program's constants.
 *
 * @param header how many words come first
 * @param axes how many axes the views have
 * @param views how many views there are
 */
record Geometry(int header, int axes, int views) {
  /**
   * The most axes a kernel takes, so that parameters stay below the 1024 bytes all devices have.
   */
  static final int MAX_AXES = 6;

  int dim(int axis) {
    return header + axis;
  }

  int offset(int view) {
    return header + axes + view * (1 + axes);
  }

  int stride(int view, int axis) {
    return offset(view) + 1 + axis;
  }

  int constant(int index) {
    return offset(views) + index;
  }

  /** Returns the words with the header still to be filled in. */
  long[] words(long[] shape, List<View> list, Program program) {
    assert list.size() == views && shape.length == axes;
    long[] words = new long[constant(program.constantCount())];
    System.arraycopy(shape, 0, words, header, axes);
    for (int v = 0; v < views; v++) {
      View view = list.get(v);
      words[offset(v)] = view.offset();
      System.arraycopy(view.strides(), 0, words, stride(v, 0), view.rank());
    }
    for (int c = 0; c < program.constantCount(); c++) {
      words[constant(c)] = program.constantBits(c);
    }
    return words;
  }

  /** Returns whether all places in the views fit 32 bits. */
  static boolean isNarrow(List<View> list) {
    for (View view : list) {
      long reach = Math.abs(view.offset());
      for (int i = 0; i < view.rank(); i++) {
        reach += Math.abs(view.strides()[i]) * Math.max(1, view.shape()[i]);
      }
      if (reach > Integer.MAX_VALUE / 2 || view.size() > Integer.MAX_VALUE / 2) {
        return false;
      }
    }
    return true;
  }

  /** Appends the declarations of the views' places, {@code at0, at1 ...}, at their offsets. */
  void start(StringBuilder text, int from, int to) {
    for (int v = from; v < to; v++) {
      text.append("INDEX at").append(v).append(" = (INDEX)p.v[").append(offset(v)).append("]; ");
    }
  }

  /**
   * Appends statements that move places along a group of axes to the element that a row-major index
   * names.
   *
   * @param index the name of the index
   * @param places the prefix of the variables that hold the places
   */
  void walk(StringBuilder text, String index, String places, int axis, int end, int from, int to) {
    if (axis == end) {
      return;
    }
    text.append("{ INDEX r = ").append(index).append("; ");
    for (int a = end - 1; a >= axis; a--) {
      String c = "r";
      if (a > axis) {
        // Small views are padded with axes of one element, which are not worth a division.
        text.append("{ const INDEX d = (INDEX)p.v[").append(dim(a)).append("]; ");
        text.append("if (d != 1) { const INDEX c = r % d; r /= d; ");
        c = "c";
      }
      for (int v = from; v < to; v++) {
        text.append(places).append(v).append(" += ").append(c).append(" * (INDEX)p.v[");
        text.append(stride(v, a)).append("]; ");
      }
      if (a > axis) {
        text.append("} } ");
      }
    }
    text.append("} ");
  }
}
