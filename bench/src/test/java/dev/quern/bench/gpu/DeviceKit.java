package dev.quern.bench.gpu;

import dev.quern.tck.BackendTck;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The test kit on the device that {@link KitRunner} was given, as far as its time reaches. */
@ExtendWith(DeviceKit.TimeLimit.class)
final class DeviceKit extends BackendTck {
  DeviceKit() {
    super(System.getProperty(KitRunner.DEVICE));
  }

  /** Skips every test that would start too late. */
  static final class TimeLimit implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      return KitRunner.timeIsUp()
          ? ConditionEvaluationResult.disabled(KitRunner.LATE)
          : ConditionEvaluationResult.enabled("in time");
    }
  }
}
