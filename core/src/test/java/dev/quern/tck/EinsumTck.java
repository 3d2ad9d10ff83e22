package dev.quern.tck;

import dev.quern.DType;
import dev.quern.Tensor;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Einstein summation against nested loops over all letters. */
abstract class EinsumTck extends Tck {
  private static final String[] EQUATIONS = {
    "i->i",
    "i->",
    "ij->ji",
    "ij->i",
    "ij->j",
    "ij->",
    "ii->i",
    "ii->",
    "iji->ij",
    "ij,jk->ik",
    "ij,kj->ik",
    "ji,jk->ik",
    "i,j->ij",
    "i,i->",
    "ij,ij->ij",
    "ij,ij->",
    "ij,j->i",
    "bij,bjk->bik",
    "bij,jk->bik",
    "bij,bkj->bik",
    "ab,cd->abcd",
    "abc,bad->cd",
    "ij,jk,kl->il",
    "i,ij,j->",
    "ij,ik->jk",
    "ii,ij->j",
    "abcd,cd->ab",
    "ij",
    "ba",
    "ij,jk",
    "ij,kl->",
    "ab,b,a->ab"
  };

  @TestFactory
  Stream<DynamicTest> shouldMatchNestedLoops() {
    return Stream.of(EQUATIONS).map(equation -> test(equation, () -> check(equation)));
  }

  private static void check(String equation) {
    for (DType dtype : new DType[] {DType.F32, DType.F64, DType.I64}) {
      Values[] operands = operands(equation, dtype);
      Tensor[] tensors = new Tensor[operands.length];
      for (int i = 0; i < tensors.length; i++) {
        tensors[i] = Layout.values()[i * 3 % Layout.values().length].of(operands[i]);
      }
      Tensor actual = Tensor.einsum(equation, tensors);
      Expect.same(equation, loops(equation, operands).cast(dtype), actual);
    }
  }

  private static Values[] operands(String equation, DType dtype) {
    String[] terms = equation.split("->")[0].split(",");
    Values[] operands = new Values[terms.length];
    for (int i = 0; i < terms.length; i++) {
      // Every letter has an extent of its own.
      long[] dims = terms[i].chars().mapToLong(c -> 2 + c % 3).toArray();
      operands[i] = Samples.whole(dtype, i, 4, dims);
    }
    return operands;
  }

  private static Values loops(String equation, Values... operands) {
    String[] sides = equation.split("->", -1);
    String[] terms = sides[0].split(",");
    Map<Character, Long> extents = new TreeMap<>();
    Map<Character, Integer> counts = new TreeMap<>();
    for (int i = 0; i < terms.length; i++) {
      for (int axis = 0; axis < terms[i].length(); axis++) {
        extents.put(terms[i].charAt(axis), operands[i].dim(axis));
        counts.merge(terms[i].charAt(axis), 1, Integer::sum);
      }
    }
    StringBuilder implicit = new StringBuilder();
    counts.forEach((letter, n) -> implicit.append(n == 1 ? letter.toString() : ""));
    String output = sides.length > 1 ? sides[1] : implicit.toString();
    StringBuilder letters = new StringBuilder(output);
    extents.keySet().forEach(c -> letters.append(output.indexOf(c) < 0 ? c.toString() : ""));
    long[] all = letters.chars().mapToLong(c -> extents.getOrDefault((char) c, 1L)).toArray();
    long[] dims = Arrays.copyOf(all, output.length());
    double[] out = new double[Values.count(dims)];
    int inner = Values.count(all) / Math.max(1, out.length);
    Values places = Values.of(new double[Values.count(all)], all);
    for (int i = 0; i < Values.count(all); i++) {
      long[] place = places.place(i);
      double product = 1;
      for (int k = 0; k < terms.length; k++) {
        long[] strides = Values.strides(operands[k].dims());
        long at = 0;
        for (int axis = 0; axis < terms[k].length(); axis++) {
          at += place[letters.indexOf(terms[k].substring(axis, axis + 1))] * strides[axis];
        }
        product *= operands[k].real((int) at);
      }
      out[i / inner] += product;
    }
    return Values.of(out, dims);
  }

  @Test
  void shouldBroadcastEllipsis() {
    Values a = Samples.whole(DType.F32, 1, 4, 2, 3, 4, 5);
    Values b = Samples.whole(DType.F32, 2, 4, 3, 5, 2);

    Expect.same(
        MatmulTck.product(a, b, false).cast(DType.F32),
        Tensor.einsum("...ij,...jk->...ik", a.upload(), b.upload()));
    Expect.same(a.permute(0, 1, 3, 2), Tensor.einsum("...ij->...ji", a.upload()));
    Expect.same(a, Tensor.einsum("...", a.upload()));
  }

  @Test
  void shouldIgnoreSpaces() {
    Values a = Samples.whole(DType.F32, 1, 4, 2, 3);

    Expect.same(a.transpose(), Tensor.einsum(" i j -> j i ", a.upload()));
  }

  @Test
  void shouldSumEmptyAxes() {
    Tensor y = Tensor.einsum("ij,jk->ik", Tensor.ones(2, 0), Tensor.ones(0, 3));

    Expect.same(Values.reals(DType.F32, new double[6], 2, 3), y);
  }

  @TestFactory
  Stream<DynamicTest> shouldMatchFiniteDifferences() {
    return Stream.of(
            "ij,jk->ik", "ij->j", "ii->i", "i,j->ij", "bij,bkj->bik", "ij,ij->", "i,ij,j->")
        .map(
            equation ->
                test(
                    equation,
                    () ->
                        GradCheck.checkAll(
                            equation,
                            t -> Tensor.einsum(equation, t),
                            operands(equation, DType.F64))));
  }
}
