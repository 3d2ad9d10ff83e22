package dev.quern.opencl;

import dev.quern.BackendException;
import dev.quern.kernels.NativeLibrary;
import dev.quern.kernels.Settings;
import dev.quern.kernels.SystemLibrary;
import dev.quern.kernels.Traits;
import dev.quern.spi.BackendUnavailableException;
import dev.quern.spi.DeviceInfo;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.LibUtils;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;
import org.jspecify.annotations.Nullable;

/** Finds the devices of all platforms, once: GPUs first, then accelerators, then processors. */
final class Devices {
  // The library's name has the binding's version in it.
  static final String LIBRARY = "JOCL_2_0_6";

  private static final Logger LOGGER = System.getLogger("dev.quern.opencl");
  private static final String NO_LIBRARY =
      "no OpenCL library (libOpenCL.so.1) on this machine; on Debian: ocl-icd-libopencl1 and a driver"
          + " such as pocl-opencl-icd";
  private static final String NO_DEVICE =
      "no OpenCL device on this machine; on Debian a driver such as pocl-opencl-icd offers one";
  private static @Nullable Object found;

  private record Candidate(long type, cl_platform_id platform, cl_device_id device) {}

  private Devices() {}

  /**
   * Returns the devices, best first.
   *
   * @throws BackendUnavailableException if there are none, saying why
   */
  static synchronized List<ClDevice> all() {
    if (found == null) {
      try {
        found = discover();
      } catch (BackendUnavailableException e) {
        found = e.getMessage();
      }
    }
    if (found instanceof List<?> devices) {
      return devices.stream().map(ClDevice.class::cast).toList();
    }
    throw new BackendUnavailableException(String.valueOf(found));
  }

  /** Returns the device that has this id. */
  static ClDevice find(String id) {
    return all().stream()
        .filter(device -> device.info().id().equals(id))
        .findFirst()
        .orElseThrow(() -> new BackendException("no OpenCL device " + id));
  }

  private static List<ClDevice> discover() {
    load();
    List<Candidate> candidates = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    for (cl_platform_id platform : platforms()) {
      try {
        addDevices(platform, candidates, reasons);
      } catch (CLException e) {
        reasons.add("a platform failed: " + Call.code(e));
      }
    }
    candidates.sort(Comparator.comparingInt(candidate -> rank(candidate.type())));
    List<ClDevice> devices = new ArrayList<>();
    for (Candidate candidate : candidates) {
      try {
        devices.add(describe(candidate, "opencl:" + devices.size()));
      } catch (CLException e) {
        reasons.add("a device failed: " + Call.code(e));
      }
    }
    for (String reason : reasons) {
      LOGGER.log(Level.WARNING, "OpenCL: {0}", reason);
    }
    if (devices.isEmpty()) {
      throw new BackendUnavailableException(
          reasons.isEmpty() ? NO_DEVICE : NO_DEVICE + " (" + String.join("; ", reasons) + ")");
    }
    return List.copyOf(devices);
  }

  private static void load() {
    if (SystemLibrary.isAbsent("libOpenCL.so", "libOpenCL.so.1")) {
      throw new BackendUnavailableException(NO_LIBRARY);
    }
    try {
      String name = LibUtils.createPlatformLibraryName(LIBRARY);
      NativeLibrary.initialize(CL.class, "lib/" + LibUtils.createLibraryFileName(name));
      CL.setExceptionsEnabled(true);
    } catch (LinkageError e) {
      LOGGER.log(Level.DEBUG, "OpenCL not loaded", e);
      String message = String.valueOf(e.getMessage());
      throw new BackendUnavailableException(
          message.contains("Implementation library could not be loaded")
              ? NO_LIBRARY
              : "the OpenCL binding does not load: " + cause(message));
    }
  }

  // The binding's message has many lines; the last attempt, its own library, is the one that
  // counts.
  private static String cause(String message) {
    return message
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("java.lang.UnsatisfiedLinkError"))
        .reduce((first, last) -> last)
        .orElseGet(() -> message.lines().findFirst().orElse("no reason given"));
  }

  private static cl_platform_id[] platforms() {
    try {
      int[] count = new int[1];
      CL.clGetPlatformIDs(0, null, count);
      cl_platform_id[] platforms = new cl_platform_id[count[0]];
      if (count[0] > 0) {
        CL.clGetPlatformIDs(count[0], platforms, null);
      }
      return platforms;
    } catch (CLException e) {
      if (e.getStatus() == CL.CL_PLATFORM_NOT_FOUND_KHR) {
        return new cl_platform_id[0];
      }
      throw new BackendUnavailableException("clGetPlatformIDs: " + Call.code(e));
    }
  }

  private static void addDevices(
      cl_platform_id platform, List<Candidate> candidates, List<String> reasons) {
    String name = Query.text(platform, CL.CL_PLATFORM_NAME);
    cl_device_id[] devices;
    try {
      int[] count = new int[1];
      CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, 0, null, count);
      devices = new cl_device_id[count[0]];
      CL.clGetDeviceIDs(platform, CL.CL_DEVICE_TYPE_ALL, count[0], devices, null);
    } catch (CLException e) {
      if (e.getStatus() == CL.CL_DEVICE_NOT_FOUND) {
        // Usual where a driver is installed for hardware that is absent.
        LOGGER.log(Level.DEBUG, "OpenCL: platform {0} has no device", name);
      } else {
        reasons.add("platform " + name + ": clGetDeviceIDs: " + Call.code(e));
      }
      return;
    }
    for (cl_device_id device : devices) {
      try {
        String refusal = refusal(device);
        if (refusal == null) {
          long type = Query.number(device, CL.CL_DEVICE_TYPE);
          candidates.add(new Candidate(type, platform, device));
        } else {
          reasons.add(Query.text(device, CL.CL_DEVICE_NAME) + " of " + name + ": " + refusal);
        }
      } catch (CLException e) {
        reasons.add("a device of platform " + name + " failed: " + Call.code(e));
      }
    }
  }

  private static @Nullable String refusal(cl_device_id device) {
    String version = Query.text(device, CL.CL_DEVICE_VERSION);
    if (version.startsWith("OpenCL 1.0") || version.startsWith("OpenCL 1.1")) {
      return version + ", at least 1.2 is needed";
    }
    if (!Query.flag(device, CL.CL_DEVICE_AVAILABLE)) {
      return "not available";
    }
    if (!Query.flag(device, CL.CL_DEVICE_COMPILER_AVAILABLE)) {
      return "no compiler";
    }
    return null;
  }

  private static int rank(long type) {
    if ((type & CL.CL_DEVICE_TYPE_GPU) != 0) {
      return 0;
    }
    return (type & CL.CL_DEVICE_TYPE_ACCELERATOR) != 0 ? 1 : 2;
  }

  private static ClDevice describe(Candidate candidate, String id) {
    cl_device_id device = candidate.device();
    String name = Query.text(device, CL.CL_DEVICE_NAME);
    String version = Query.text(device, CL.CL_DEVICE_VERSION);
    String driver = Query.text(device, CL.CL_DRIVER_VERSION);
    String platform = Query.text(candidate.platform(), CL.CL_PLATFORM_VERSION);
    long memory = Query.number(device, CL.CL_DEVICE_GLOBAL_MEM_SIZE);
    int units = Math.toIntExact(Query.number(device, CL.CL_DEVICE_MAX_COMPUTE_UNITS));
    boolean float64 = hasFloat64(device);
    boolean rounds =
        (Query.number(device, CL.CL_DEVICE_SINGLE_FP_CONFIG)
                & CL.CL_FP_CORRECTLY_ROUNDED_DIVIDE_SQRT)
            != 0;
    boolean gpu = rank(candidate.type()) == 0;
    String details =
        String.format(
            Locale.ROOT,
            "%s, driver %s, %.1f GiB, %d compute units, %s%s",
            version,
            driver,
            memory / (double) (1L << 30),
            units,
            float64 ? "F64" : "no F64",
            rounds ? "" : ", F32 division and square root not correctly rounded");
    long limit = Settings.bytes("quern.opencl.memory", memory);
    Traits traits =
        new Traits(
            Settings.flag("quern.opencl.gpu", gpu),
            units,
            Math.toIntExact(Query.number(device, CL.CL_DEVICE_MAX_WORK_GROUP_SIZE)),
            Query.number(device, CL.CL_DEVICE_LOCAL_MEM_SIZE),
            Math.min(limit, Query.number(device, CL.CL_DEVICE_MAX_MEM_ALLOC_SIZE)),
            4 * Math.toIntExact(Query.number(device, CL.CL_DEVICE_NATIVE_VECTOR_WIDTH_FLOAT)),
            float64 && Settings.flag("quern.opencl.float64", true),
            false);
    return new ClDevice(
        new DeviceInfo(id, name, gpu, details),
        traits,
        device,
        candidate.platform(),
        String.join("\n", name, version, driver, platform),
        rounds,
        Math.min(limit, memory));
  }

  private static boolean hasFloat64(cl_device_id device) {
    try {
      return Query.number(device, CL.CL_DEVICE_DOUBLE_FP_CONFIG) != 0;
    } catch (CLException e) {
      // Some devices without F64 do not know the question.
      return false;
    }
  }
}
