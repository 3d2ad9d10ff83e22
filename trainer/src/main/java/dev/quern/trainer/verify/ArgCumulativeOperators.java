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
    Tensor x = call.in(0);
    return greatest ? x.argmax(axis, keepDims, last) : x.argmin(axis, keepDims, last);
  }

  private static Tensor cumulative(OperatorCall call, boolean product) {
    int axis = Math.toIntExact(call.single(1));
    boolean exclusive = call.flag("exclusive", false);
    boolean reverse = call.flag("reverse", false);
    Tensor x = call.in(0);
    Tensor out = product ? x.cumprod(axis, exclusive, reverse) : x.cumsum(axis, exclusive, reverse);
    return out.cast(x.dtype());
  }
}
