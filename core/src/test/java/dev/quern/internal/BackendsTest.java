package dev.quern.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.quern.spi.Backend;
import dev.quern.spi.BackendProvider;
import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class BackendsTest {
  private static final class Fake implements BackendProvider {
    private final String name;
    private final int priority;
    private final Supplier<List<DeviceInfo>> devices;
    private int opened;

    Fake(String name, int priority, Supplier<List<DeviceInfo>> devices) {
      this.name = name;
      this.priority = priority;
      this.devices = devices;
    }

    @Override
    public String name() {
      return name;
    }

    @Override
    public int priority() {
      return priority;
    }

    @Override
    public List<DeviceInfo> devices() {
      return devices.get();
    }

    @Override
    public Backend open(DeviceInfo device) {
      opened++;
      return (Backend)
          Proxy.newProxyInstance(
              Backend.class.getClassLoader(),
              new Class<?>[] {Backend.class},
              (proxy, method, args) -> method.getName().equals("info") ? device : null);
    }
  }

  private static Fake fake(String name, int priority, boolean gpu, String... ids) {
    List<DeviceInfo> infos =
        Stream.of(ids).map(id -> new DeviceInfo(id, "a " + name, gpu, "")).toList();
    return new Fake(name, priority, () -> infos);
  }

  private static final Fake CPU = fake("cpu", 0, false, "cpu");

  @Test
  void shouldNameKnownBackendsThatAreAbsent() {
    Backends backends = new Backends(List.of());

    assertEquals("not on the class path", backends.refusals().get("cuda"));
    assertEquals(3, backends.refusals().size());
    assertTrue(backends.best().isEmpty());
    assertTrue(backends.overview().contains("opencl: not on the class path"));
  }

  @Test
  void shouldPreferHighestPriority() {
    Fake opencl = fake("opencl", 10, true, "opencl:0", "opencl:1");
    Fake cuda = fake("cuda", 20, true, "cuda:0");

    Backends backends = new Backends(List.of(CPU, opencl, cuda));

    assertEquals("cuda:0", backends.best().orElseThrow().id());
    assertEquals(
        List.of("cuda:0", "opencl:0", "opencl:1", "cpu"),
        backends.devices().stream().map(DeviceInfo::id).toList());
    assertTrue(backends.refusals().isEmpty());
  }

  @Test
  void shouldPreferCpuToDeviceThatIsNoGpu() {
    Fake pocl = fake("opencl", 10, false, "opencl:0");

    assertEquals("cpu", new Backends(List.of(CPU, pocl)).best().orElseThrow().id());
    assertEquals("opencl:0", new Backends(List.of(pocl)).best().orElseThrow().id());
  }

  @Test
  void shouldFindByIdAndByBareName() {
    Backends backends = new Backends(List.of(CPU, fake("opencl", 1, true, "opencl:0", "opencl:1")));

    assertEquals("opencl:1", backends.find("opencl:1").orElseThrow().id());
    assertEquals("opencl:0", backends.find("opencl").orElseThrow().id());
    assertTrue(backends.find("opencl:2").isEmpty());
    assertTrue(backends.find("cuda").isEmpty());
  }

  @Test
  void shouldKeepReasonOfUnavailableBackend() {
    Fake cuda =
        new Fake(
            "cuda",
            20,
            () -> {
              throw new BackendUnavailableException("no NVIDIA driver");
            });

    Backends backends = new Backends(List.of(cuda, CPU));

    assertEquals("no NVIDIA driver", backends.refusals().get("cuda"));
    assertEquals("cpu", backends.best().orElseThrow().id());
    assertEquals(
        "cpu: cpu; cuda: no NVIDIA driver; opencl: not on the class path", backends.overview());
  }

  @Test
  void shouldSurviveMissingNativeLibrary() {
    Fake broken =
        new Fake(
            "opencl",
            20,
            () -> {
              throw new UnsatisfiedLinkError("libOpenCL.so.1");
            });

    Backends backends = new Backends(List.of(broken, CPU));

    assertTrue(backends.refusals().get("opencl").contains("libOpenCL.so.1"));
    assertEquals("cpu", backends.best().orElseThrow().id());
  }

  @Test
  void shouldSurviveBrokenProvider() {
    Fake broken =
        new Fake(
            "cuda",
            20,
            () -> {
              throw new IllegalStateException("broken");
            });

    assertTrue(new Backends(List.of(broken)).refusals().get("cuda").contains("broken"));
  }

  @Test
  void shouldSurviveProviderWithoutDevices() {
    Backends backends = new Backends(List.of(fake("cuda", 20, true), CPU));

    assertEquals("cpu", backends.best().orElseThrow().id());
    assertTrue(backends.refusals().containsKey("cuda"));
  }

  @Test
  void shouldOpenEachDeviceOnce() {
    Fake provider = fake("cpu", 0, false, "cpu");
    Backends backends = new Backends(List.of(provider));
    DeviceInfo info = backends.find("cpu").orElseThrow();

    Engine first = backends.engine(info);

    assertSame(first, backends.engine(info));
    assertEquals(1, provider.opened);
    assertEquals(info, first.backend().info());
  }

  @Test
  void shouldRefuseToOpenUnknownDevice() {
    Backends backends = new Backends(List.of(CPU));
    DeviceInfo unknown = new DeviceInfo("tpu:0", "", true, "");

    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> backends.engine(unknown));

    assertTrue(String.valueOf(e.getMessage()).contains("tpu:0"));
  }
}
