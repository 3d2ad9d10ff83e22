package dev.quern.cuda;

import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_COMPUTE_MODE;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK;
import static jcuda.driver.CUdevice_attribute.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;

import dev.quern.BackendException;
import dev.quern.kernels.NativeLibrary;
import dev.quern.kernels.Settings;
import dev.quern.kernels.SystemLibrary;
import dev.quern.kernels.Traits;
import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import jcuda.CudaException;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.driver.CUcomputemode;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/** Finds the devices of the NVIDIA driver, once. */
final class Devices {
  private static final Logger LOGGER = System.getLogger("dev.quern.cuda");
  private static final String LIBRARY = "libcuda.so.1";
  private static final String NO_LIBRARY =
      "no NVIDIA driver (" + LIBRARY + ") on this machine; CUDA needs nothing else";
  private static final String NO_DEVICE = "no NVIDIA GPU on this machine that its driver offers";

  /** CUDA 12.0, which came with driver 525. */
  private static final int LEAST_DRIVER = 12000;

  private static final int LEAST_CAPABILITY = 75;

  /** From this generation on tensor cores take all that the kernels for them give them. */
  private static final int TENSOR_CORES = 8;

  private static final int VECTOR_BYTES = 16;
  private static @Nullable Object found;

  private Devices() {}

  /**
   * Returns the devices in the driver's order.
   *
   * @throws BackendUnavailableException if there are none, saying why
   */
  static synchronized List<CudaDevice> all() {
    if (found == null) {
      try {
        found = discover();
      } catch (BackendUnavailableException e) {
        found = e.getMessage();
      }
    }
    if (found instanceof List<?> devices) {
      return devices.stream().map(CudaDevice.class::cast).toList();
    }
    throw new BackendUnavailableException(String.valueOf(found));
  }

  /** Returns the device that has this id. */
  static CudaDevice find(String id) {
    return all().stream()
        .filter(device -> device.info().id().equals(id))
        .findFirst()
        .orElseThrow(() -> new BackendException("no CUDA device " + id));
  }

  /** Returns where the binding's jar has its library. */
  static String resource() {
    String name = LibUtils.createPlatformLibraryName("JCudaDriver-" + JCudaVersion.get());
    return "lib/" + LibUtils.createLibraryFileName(name);
  }

  private static List<CudaDevice> discover() {
    load();
    int driver = initialize();
    List<CudaDevice> devices = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    int count = count();
    for (int ordinal = 0; ordinal < count; ordinal++) {
      try {
        CUdevice handle = new CUdevice();
        JCudaDriver.cuDeviceGet(handle, ordinal);
        String refusal = refusal(handle);
        if (refusal == null) {
          devices.add(describe(handle, ordinal, driver, "cuda:" + devices.size()));
        } else {
          reasons.add(name(handle) + ": " + refusal);
        }
      } catch (CudaException e) {
        reasons.add("device " + ordinal + " failed: " + Call.describe(e));
      }
    }
    for (String reason : reasons) {
      LOGGER.log(Level.WARNING, "CUDA: {0}", reason);
    }
    if (devices.isEmpty()) {
      throw new BackendUnavailableException(
          reasons.isEmpty() ? NO_DEVICE : NO_DEVICE + " (" + String.join("; ", reasons) + ")");
    }
    return List.copyOf(devices);
  }

  private static void load() {
    if (SystemLibrary.isAbsent(LIBRARY)) {
      throw new BackendUnavailableException(NO_LIBRARY);
    }
    try {
      NativeLibrary.initialize(JCudaDriver.class, resource());
      JCudaDriver.setExceptionsEnabled(true);
    } catch (LinkageError | CudaException e) {
      LOGGER.log(Level.DEBUG, "CUDA not loaded", e);
      String message = String.valueOf(e.getMessage());
      throw new BackendUnavailableException(
          message.contains(LIBRARY)
              ? NO_LIBRARY
              : "the CUDA binding does not load: " + cause(message));
    }
  }

  // The binding's message has many lines, with a stack trace; its own library is the one that
  // counts.
  private static String cause(String message) {
    return message
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("java.lang.UnsatisfiedLinkError"))
        .reduce((first, last) -> last)
        .orElseGet(() -> message.lines().findFirst().orElse("no reason given"));
  }

  // The version first: an old driver may fail at anything else.
  private static int initialize() {
    try {
      int[] version = new int[1];
      JCudaDriver.cuDriverGetVersion(version);
      if (version[0] < LEAST_DRIVER) {
        throw new BackendUnavailableException(
            "the NVIDIA driver is too old: it supports CUDA "
                + version(version[0])
                + ", at least 12.0 (driver 525) is needed");
      }
      JCudaDriver.cuInit(0);
      return version[0];
    } catch (CudaException e) {
      throw new BackendUnavailableException(
          Call.code(e) == CUresult.CUDA_ERROR_NO_DEVICE
              ? NO_DEVICE
              : "cuInit: " + Call.describe(e));
    }
  }

  private static int count() {
    try {
      int[] count = new int[1];
      JCudaDriver.cuDeviceGetCount(count);
      return count[0];
    } catch (CudaException e) {
      throw new BackendUnavailableException("cuDeviceGetCount: " + Call.describe(e));
    }
  }

  private static @Nullable String refusal(CUdevice device) {
    int major = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    if (10 * major + minor < LEAST_CAPABILITY) {
      return "compute capability " + major + "." + minor + ", at least 7.5 is needed";
    }
    int mode = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_MODE);
    return mode == CUcomputemode.CU_COMPUTEMODE_PROHIBITED ? "its mode forbids computing" : null;
  }

  private static CudaDevice describe(CUdevice device, int ordinal, int driver, String id) {
    int major = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    int minor = attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    int units = attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    long[] memory = new long[1];
    JCudaDriver.cuDeviceTotalMem(memory, device);
    String details =
        String.format(
            Locale.ROOT,
            "compute capability %d.%d, driver for CUDA %s, %.1f GiB, %d multiprocessors",
            major,
            minor,
            version(driver),
            memory[0] / (double) (1L << 30),
            units);
    long limit = Math.min(memory[0], Settings.bytes("quern.cuda.memory", memory[0]));
    Traits traits =
        new Traits(
            true,
            units,
            attribute(device, CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK),
            attribute(device, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN),
            limit,
            VECTOR_BYTES,
            true,
            true,
            major >= TENSOR_CORES);
    return new CudaDevice(
        new DeviceInfo(id, name(device), true, details),
        traits,
        ordinal,
        major,
        minor,
        version(driver),
        limit,
        Settings.flag("quern.cuda.blocking", false));
  }

  private static String version(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  private static int attribute(CUdevice device, int what) {
    int[] value = new int[1];
    JCudaDriver.cuDeviceGetAttribute(value, what, device);
    return value[0];
  }

  private static String name(CUdevice device) {
    byte[] name = new byte[256];
    JCudaDriver.cuDeviceGetName(name, name.length, device);
    int end = 0;
    while (end < name.length && name[end] != 0) {
      end++;
    }
    return new String(name, 0, end, StandardCharsets.UTF_8).strip();
  }
}
