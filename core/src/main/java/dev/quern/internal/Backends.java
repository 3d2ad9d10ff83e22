package dev.quern.internal;

import dev.quern.spi.BackendProvider;
import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.TreeMap;

/** Finds backends and their devices, and opens each device once. */
public final class Backends {
  private static final List<String> KNOWN = List.of("cpu", "opencl", "cuda");
  private static final Backends INSTANCE = new Backends(load());

  private record Found(BackendProvider provider, DeviceInfo info) {}

  private final Map<String, Found> devices = new LinkedHashMap<>();
  private final Map<String, String> refusals = new TreeMap<>();
  private final Map<String, Engine> open = new LinkedHashMap<>();

  Backends(List<BackendProvider> providers) {
    List<BackendProvider> sorted = new ArrayList<>(providers);
    sorted.sort(Comparator.comparingInt(BackendProvider::priority).reversed());
    for (String name : KNOWN) {
      refusals.put(name, "not on the class path");
    }
    for (BackendProvider provider : sorted) {
      try {
        for (DeviceInfo info : provider.devices()) {
          devices.put(info.id(), new Found(provider, info));
          refusals.remove(provider.name());
        }
      } catch (BackendUnavailableException e) {
        refusals.put(provider.name(), String.valueOf(e.getMessage()));
      } catch (RuntimeException | LinkageError e) {
        // A native library that does not load must become a reason, never a crash.
        refusals.put(provider.name(), e.toString());
      }
    }
  }

  /** Returns the registry of this process. */
  public static Backends instance() {
    return INSTANCE;
  }

  private static List<BackendProvider> load() {
    Map<String, BackendProvider> found = new LinkedHashMap<>();
    load(Backends.class.getClassLoader(), found);
    ClassLoader context = Thread.currentThread().getContextClassLoader();
    if (context != null) {
      load(context, found);
    }
    return List.copyOf(found.values());
  }

  private static void load(ClassLoader loader, Map<String, BackendProvider> found) {
    Iterator<BackendProvider> providers =
        ServiceLoader.load(BackendProvider.class, loader).iterator();
    while (true) {
      try {
        if (!providers.hasNext()) {
          return;
        }
        BackendProvider provider = providers.next();
        found.putIfAbsent(provider.getClass().getName(), provider);
      } catch (ServiceConfigurationError | LinkageError e) {
        System.getLogger("dev.quern").log(Level.WARNING, "backend provider not loaded: " + e, e);
      }
    }
  }

  /** Returns all devices, best provider first. */
  public List<DeviceInfo> devices() {
    return devices.values().stream().map(Found::info).toList();
  }

  /** Returns why each backend that has no device has none. */
  public Map<String, String> refusals() {
    return Collections.unmodifiableMap(refusals);
  }

  /** Returns the device with this id; a bare backend name means its first device. */
  public Optional<DeviceInfo> find(String id) {
    Found exact = devices.get(id);
    if (exact != null) {
      return Optional.of(exact.info());
    }
    return devices.values().stream()
        .filter(found -> found.provider().name().equals(id))
        .map(Found::info)
        .findFirst();
  }

  /** Returns the best device: a GPU, else the pure-Java backend, else whatever there is. */
  public Optional<DeviceInfo> best() {
    Optional<DeviceInfo> gpu =
        devices.values().stream().map(Found::info).filter(DeviceInfo::gpu).findFirst();
    return gpu.or(() -> find("cpu")).or(() -> devices().stream().findFirst());
  }

  /** Returns one line that names every known backend and its devices or the reason for none. */
  public String overview() {
    Map<String, String> lines = new TreeMap<>(refusals);
    devices.forEach(
        (id, found) -> lines.merge(found.provider().name(), id, (a, b) -> a + ", " + b));
    List<String> parts = new ArrayList<>();
    lines.forEach((name, text) -> parts.add(name + ": " + text));
    return String.join("; ", parts);
  }

  /** Returns the engine of a device, opening it the first time. */
  public synchronized Engine engine(DeviceInfo info) {
    Engine engine = open.get(info.id());
    if (engine == null) {
      Found found = devices.get(info.id());
      if (found == null) {
        throw new IllegalArgumentException("device: " + info.id() + " is not there: " + overview());
      }
      engine = new Engine(found.provider().open(info));
      open.put(info.id(), engine);
    }
    return engine;
  }
}
