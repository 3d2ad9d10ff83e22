package dev.quern.trainer.verify;

import java.util.ArrayList;
import java.util.List;

/** The cases that need no file. */
final class BuiltInCases {
  private BuiltInCases() {}

  static List<VerifyCase> all() {
    List<VerifyCase> out = new ArrayList<>(ElementwiseCases.all());
    out.addAll(ProgramCases.all());
    out.addAll(ProductCases.all());
    out.addAll(ReductionCases.all());
    out.addAll(RandomCases.all());
    out.addAll(TrainingCases.all());
    return out;
  }
}
