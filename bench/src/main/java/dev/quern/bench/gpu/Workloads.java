package dev.quern.bench.gpu;

import dev.quern.Device;
import dev.quern.spi.Backend;
import dev.quern.spi.BackendProvider;
import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;
import java.util.ServiceLoader;

/** Makes a task's operands, on a device opened for benchmarks. */
final class Workloads {
  private Workloads() {}

  /**
   * Makes the operands.
   *
   * @param recorded whether runs are replays of the first one
   */
  static Workload of(Task task, boolean recorded) {
    return switch (task.kind()) {
      case "copy", "map", "tanh", "launch" -> Elementwise.of(task, recorded);
      case "sum", "colsum", "softmax" -> new RowsAndColumns(task);
      case "matmul" -> new Product(task);
      case "mlp" -> new TrainingStep(task, recorded);
      default -> throw task.unknown();
    };
  }

  /** Opens a device apart from the library's own list, since its clock is on the backend. */
  static Backend open(String id) {
    for (BackendProvider provider : ServiceLoader.load(BackendProvider.class)) {
      if (id.equals(provider.name()) || id.startsWith(provider.name() + ":")) {
        try {
          for (DeviceInfo info : provider.devices()) {
            if (info.id().equals(id)) {
              return provider.open(info);
            }
          }
        } catch (BackendUnavailableException e) {
          throw new IllegalArgumentException("device: " + id + " is not there: " + e.getMessage());
        }
      }
    }
    throw new IllegalArgumentException(
        "device: " + id + " is not there, but " + Device.all() + " " + Device.refusals());
  }
}
