package dev.quern.tck;

import dev.quern.Device;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/**
 * Everything a backend must do. A backend's module runs it by a subclass that names the device:
 *
 * <pre>{@code
 * final class CpuTckTest extends BackendTck {
 *   CpuTckTest() {
 *     super("cpu");
 *   }
 * }
 * }</pre>
 *
 * <p>Where the device is absent all tests are skipped and say why; {@code
 * -Dquern.test.require=cpu,opencl,cuda} makes that a failure for the devices it names.
 */
@TestInstance(Lifecycle.PER_CLASS)
public abstract class BackendTck {
  /** The families that a second set of kernels of one backend must pass too. */
  private static final String KERNELS = "kernels";

  private final String device;
  private @Nullable Device before;

  /** Creates the suite for the device with this id. */
  protected BackendTck(String device) {
    this.device = device;
  }

  @BeforeAll
  final void open() {
    Device found;
    try {
      found = Device.of(device);
    } catch (IllegalArgumentException e) {
      String required = System.getProperty("quern.test.require", "");
      if (Arrays.asList(required.split(",")).contains(device)) {
        throw new AssertionError("required by quern.test.require: " + e.getMessage(), e);
      }
      System.getLogger("dev.quern.tck")
          .log(System.Logger.Level.WARNING, "test kit skipped: {0}", e.getMessage());
      Assumptions.abort("test kit skipped: " + e.getMessage());
      return;
    }
    before = Device.current();
    Device.setCurrent(found);
  }

  @AfterAll
  final void restore() {
    if (before != null) {
      Device.setCurrent(before);
    }
  }

  @Nested
  class Op extends OpTck {}

  @Nested
  class Cast extends CastTck {}

  @Nested
  @Tag(KERNELS)
  class Reduce extends ReduceTck {}

  @Nested
  class Statistics extends StatisticsTck {}

  @Nested
  @Tag(KERNELS)
  class Softmax extends SoftmaxTck {}

  @Nested
  class Scan extends ScanTck {}

  @Nested
  class Shaping extends ShapingTck {}

  @Nested
  class Scatter extends ScatterTck {}

  @Nested
  class Ranking extends RankingTck {}

  @Nested
  @Tag(KERNELS)
  class Matmul extends MatmulTck {}

  @Nested
  @Tag(KERNELS)
  class Precisions extends PrecisionTck {}

  @Nested
  class Half extends HalfTck {}

  @Nested
  class View extends ViewTck {}

  @Nested
  class Pick extends PickTck {}

  @Nested
  class Einsum extends EinsumTck {}

  @Nested
  @Tag("fusion")
  class Fusion extends FusionTck {}

  @Nested
  class Wrap extends WrapTck {}

  @Nested
  class Assign extends AssignTck {}

  @Nested
  class Memory extends MemoryTck {}

  @Nested
  class Autograd extends AutogradTck {}

  @Nested
  class Nn extends NnTck {}

  @Nested
  class Normalization extends NormalizationTck {}

  @Nested
  class Loss extends LossTck {}

  @Nested
  class Optim extends OptimTck {}

  @Nested
  class Recordings extends RecordingTck {}

  @Nested
  class RecordedValues extends RecordedValuesTck {}

  @Nested
  class RecordingRules extends RecordingRulesTck {}

  @Nested
  class Creation extends CreationTck {}

  @Nested
  class Random extends RandomTck {}

  @Nested
  class Concurrency extends ConcurrencyTck {}

  @Nested
  class Profiles extends ProfileTck {}

  @Nested
  @Tag(KERNELS)
  class SameBits extends SameBitsTck {}

  @Nested
  @Tag(KERNELS)
  class Large extends LargeTck {}

  @Nested
  class Fault extends FaultTck {}

  @Nested
  class Errors extends ErrorTck {}

  @Nested
  class Closed extends ClosedTck {}

  @Nested
  @Tag("random")
  class RandomPrograms extends RandomProgramTck {}
}
