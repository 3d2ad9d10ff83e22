package dev.quern.trainer.verify;

import static java.util.Map.entry;

import dev.quern.Tensor;
import java.util.Map;

/** Family arg-cumulative. */
final class ArgCumulativeOperators {
  private ArgCumulativeOperators() {}

  static Map<String, Operator> table() {
    return Map.ofEntries(
        entry("ArgMax", Operator.of(call -> position(call, true))),
        entry("ArgMin", Operator.of(call -> position(call, false))),
        entry("CumProd", Operator.of(call -> cumulative(call, true))),
        entry("CumSum", Operator.of(call -> cumulative(call, false))));
  }

  private static Tensor position(OperatorCall call, boolean greatest) {
    int axis = call.axis("axis", 0);
    boolean keepDims = call.flag("keepdims", true);
    boolean last = call.flag("select_last_index", false);
    Tensor x = last ? call.in(0).flip(axis) : call.in(0);
    Tensor found = greatest ? x.argmax(axis, keepDims) : x.argmin(axis, keepDims);
    return last ? found.neg().add((double) x.dim(axis) - 1) : found;
  }

  /** Each result is the sum or product over those elements of its row that a mask lets through. */
  private static Tensor cumulative(OperatorCall call, boolean product) {
    int axis = Math.toIntExact(call.single(1));
    boolean exclusive = call.flag("exclusive", false);
    boolean reverse = call.flag("reverse", false);
    Tensor x = call.in(0).transpose(axis, -1);
    long n = x.dim(-1);
    Tensor to = Tensor.arange(n).unsqueeze(1);
    Tensor from = Tensor.arange(n);
    Tensor mask;
    if (reverse) {
      mask = exclusive ? from.gt(to) : from.ge(to);
    } else {
      mask = exclusive ? from.lt(to) : from.le(to);
    }
    Tensor neutral = product ? x.onesLike() : x.zerosLike();
    Tensor terms = Tensor.where(mask, x.unsqueeze(-2), neutral.unsqueeze(-2));
    Tensor out = product ? terms.prod(-1) : terms.sum(-1);
    return out.cast(x.dtype()).transpose(axis, -1);
  }
}
