package dev.quern;

import dev.quern.internal.Backends;
import dev.quern.internal.Engine;
import dev.quern.spi.DeviceInfo;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where tensors live and are computed: the pure-Java CPU backend, an OpenCL device or a CUDA GPU.
 *
 * <p>New tensors go to {@link #current()}, which is {@link #best()} until {@link
 * #setCurrent(Device)} says otherwise. Operations never move between devices by themselves.
 */
public final class Device {
  private static final Map<String, Device> DEVICES = new ConcurrentHashMap<>();
  private static volatile @Nullable Device current;
  private static volatile @Nullable Device best;

  private final DeviceInfo info;
  private volatile @Nullable Engine engine;

  private Device(DeviceInfo info) {
    this.info = info;
  }

  private Device(DeviceInfo info, Engine engine) {
    this.info = info;
    this.engine = engine;
  }

  /**
   * Returns the device named by the system property {@code quern.device} or the environment
   * variable {@code QUERN_DEVICE}, else a CUDA GPU, else an OpenCL GPU, else the CPU. What was
   * refused and why is logged once.
   *
   * @throws IllegalArgumentException if the named device is not there
   * @throws IllegalStateException if no backend is on the class path
   */
  public static Device best() {
    Device chosen = best;
    if (chosen == null) {
      chosen = choose();
      best = chosen;
    }
    return chosen;
  }

  private static synchronized Device choose() {
    String named = System.getProperty("quern.device", System.getenv("QUERN_DEVICE"));
    if (named != null && !named.isBlank()) {
      return of(named.strip());
    }
    Backends backends = Backends.instance();
    DeviceInfo info =
        backends
            .best()
            .orElseThrow(
                () ->
                    new IllegalStateException(
                        "device: no backend has a device: " + backends.overview()));
    backends
        .refusals()
        .forEach(
            (name, reason) ->
                System.getLogger("dev.quern").log(Level.DEBUG, "{0} not used: {1}", name, reason));
    return of(info.id());
  }

  /**
   * Returns the device with this id: {@code cpu}, {@code opencl:0}, {@code cuda:0}; a bare backend
   * name means its first device.
   *
   * @throws IllegalArgumentException if it is not there; the message names every known backend and
   *     its devices or the reason why it has none
   */
  public static Device of(String id) {
    Backends backends = Backends.instance();
    DeviceInfo info =
        backends
            .find(id)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "device: " + id + " is not there: " + backends.overview()));
    return DEVICES.computeIfAbsent(info.id(), key -> new Device(info));
  }

  /** Returns every device there is, best first. */
  public static List<Device> all() {
    return Backends.instance().devices().stream().map(info -> of(info.id())).toList();
  }

  /** Returns, for each known backend without a device, the reason. */
  public static Map<String, String> refusals() {
    return Backends.instance().refusals();
  }

  /** Returns the device on which new tensors are made. */
  public static Device current() {
    Device device = current;
    return device == null ? best() : device;
  }

  /** Sets the device on which new tensors are made, for all threads. */
  public static void setCurrent(Device device) {
    current = Objects.requireNonNull(device);
  }

  /**
   * Returns a device that runs on a backend the caller opened, without registering it: for tests
   * and for wrapping a backend. The caller closes the backend.
   */
  public static Device on(dev.quern.spi.Backend backend) {
    Engine engine = new Engine(backend);
    Device device = new Device(backend.info(), engine);
    engine.setOwner(device);
    return device;
  }

  Engine engine() {
    Engine opened = engine;
    if (opened == null) {
      opened = Backends.instance().engine(info);
      opened.setOwner(this);
      engine = opened;
    }
    return opened;
  }

  static Device owning(Engine engine) {
    return (Device) engine.owner();
  }

  /** Returns the id by which {@link #of} finds the device. */
  public String id() {
    return info.id();
  }

  /** Returns what the device is, such as the processor's name. */
  public String name() {
    return info.name();
  }

  /** Returns further facts for a person: threads, vector width, memory, driver. */
  public String details() {
    return info.details();
  }

  /** Returns whether the device is a GPU. */
  public boolean isGpu() {
    return info.gpu();
  }

  /** Returns the memory held by tensors, cached, and held at most so far. */
  public MemoryStats memory() {
    return engine().memory();
  }

  /**
   * Waits until all work handed to the device is done.
   *
   * @throws BackendException if some of it failed
   */
  public void synchronize() {
    engine().backend().synchronize();
  }

  /**
   * Starts to record what each kernel does, until the profile is closed. One profile at a time: a
   * second one takes over.
   */
  public Profile profile() {
    return new Profile(engine());
  }

  /**
   * Runs a step and keeps what it does, to do it again: see {@link Recording}.
   *
   * @return the recording, whose {@link Recording#result} is what the step returned
   * @throws IllegalStateException if the step does what cannot be recorded; nothing has changed
   *     then
   */
  public Recording record(Supplier<Tensor> step) {
    return new Recording(Recorder.record(engine(), step));
  }

  /** Records a step that returns nothing; see {@link #record(Supplier)}. */
  public Recording record(Runnable step) {
    return new Recording(
        Recorder.record(
            engine(),
            () -> {
              step.run();
              return null;
            }));
  }

  /**
   * Measures which sizes of tiles suit this device and remembers them for this user, from the next
   * time the device is opened. Takes a few minutes.
   *
   * @param progress told of each thing tried
   * @return what was found, a line each
   * @throws IllegalArgumentException if there is nothing to tune, as on the CPU
   */
  public List<String> tune(Consumer<String> progress) {
    return engine().backend().tune(progress);
  }

  /** Gives cached memory back to the system. */
  public void trim() {
    engine().backend().trim();
  }

  @Override
  public String toString() {
    return id() + " (" + name() + ")";
  }
}
