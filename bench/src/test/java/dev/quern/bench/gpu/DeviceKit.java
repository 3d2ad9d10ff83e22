package dev.quern.bench.gpu;

import dev.quern.tck.BackendTck;
import java.util.Comparator;
import java.util.Set;
import org.junit.jupiter.api.ClassDescriptor;
import org.junit.jupiter.api.ClassOrderer;
import org.junit.jupiter.api.ClassOrdererContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestClassOrder;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The test kit on the device that {@link KitRunner} was given, as far as its time reaches. */
@ExtendWith(DeviceKit.TimeLimit.class)
@TestClassOrder(DeviceKit.KernelsFirst.class)
final class DeviceKit extends BackendTck {
  DeviceKit() {
    super(System.getProperty(KitRunner.DEVICE));
  }

  /** The kernels' own tests first and the few that take long last, since the time may run out. */
  static final class KernelsFirst implements ClassOrderer {
    private static final Set<String> LONG = Set.of("Fault", "RandomPrograms");

    @Override
    public void orderClasses(ClassOrdererContext context) {
      context
          .getClassDescriptors()
          .sort(
              Comparator.comparingInt(KernelsFirst::rank)
                  .thenComparing(descriptor -> descriptor.getTestClass().getName()));
    }

    private static int rank(ClassDescriptor descriptor) {
      if (LONG.contains(descriptor.getTestClass().getSimpleName())) {
        return 2;
      }
      return descriptor.isAnnotated(Tag.class) ? 0 : 1;
    }
  }

  /** Skips every test that would start too late, and what an earlier process has run. */
  static final class TimeLimit implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      if (KitRunner.ranBefore(context.getUniqueId())) {
        return ConditionEvaluationResult.disabled(KitRunner.DONE);
      }
      return KitRunner.timeIsUp()
          ? ConditionEvaluationResult.disabled(KitRunner.LATE)
          : ConditionEvaluationResult.enabled("in time");
    }
  }
}
