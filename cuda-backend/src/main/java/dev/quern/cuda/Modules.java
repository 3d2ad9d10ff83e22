package dev.quern.cuda;

import dev.quern.BackendException;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.Ptx;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jcuda.CudaException;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUfunction_attribute;
import jcuda.driver.CUjit_option;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** The modules of one driver, one for each family of kernels, loaded when first needed. */
final class Modules implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("dev.quern.cuda");
  private static final int LOG_BYTES = 64 << 10;
  private static final Pattern VERSION = Pattern.compile("(?m)^\\.version (\\S+)");
  private static final Pattern TARGET = Pattern.compile("(?m)^\\.target (\\S+)");
  private static final Pattern ENTRY =
      Pattern.compile(
          "\\.visible \\.entry (\\w+)\\(\\s*\\.param \\.align 8 \\.b8 \\w+\\[(\\d+)\\]\\s*\\)");

  private final CudaDriver driver;
  private final CudaDevice device;
  private final Context context;
  private final Map<String, Module> modules = new HashMap<>();

  /** A module, and the size of each kernel's parameter. */
  private record Module(CUmodule handle, Map<String, Integer> parameters) {}

  Modules(CudaDriver driver, CudaDevice device, Context context) {
    this.driver = driver;
    this.device = device;
    this.context = context;
  }

  /** Returns a new kernel. */
  synchronized CudaKernel kernel(KernelKey key) {
    if (!key.defines().isEmpty()) {
      throw new IllegalArgumentException(
          describe(key) + ": was compiled ahead of time, without " + key.defines());
    }
    Module module = modules.get(key.family());
    if (module == null) {
      module = load(key.family());
      modules.put(key.family(), module);
    }
    CUfunction function = new CUfunction();
    try {
      JCudaDriver.cuModuleGetFunction(function, module.handle(), key.entry());
    } catch (CudaException e) {
      throw context.failed("cuModuleGetFunction: " + describe(key), e);
    }
    Integer parameterBytes = module.parameters().get(key.entry());
    if (parameterBytes == null) {
      throw new IllegalStateException(describe(key) + ": its parameter is not one structure");
    }
    try {
      return new CudaKernel(
          driver,
          function,
          key.entry(),
          parameterBytes,
          attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES),
          attribute(function, CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK));
    } catch (CudaException e) {
      throw context.failed("cuFuncGetAttribute: " + describe(key), e);
    }
  }

  private static int attribute(CUfunction function, int what) {
    int[] value = new int[1];
    JCudaDriver.cuFuncGetAttribute(value, what, function);
    return value[0];
  }

  private static String describe(KernelKey key) {
    return "kernel " + key.entry() + " of " + key.family();
  }

  private Module load(String family) {
    String text = Ptx.of(family, device.major(), device.minor());
    // Direct memory: a Java array would be pinned, and the collector shut out, while the driver
    // compiles.
    ByteBuffer image = direct(text);
    ByteBuffer errors = ByteBuffer.allocateDirect(LOG_BYTES);
    ByteBuffer notes = ByteBuffer.allocateDirect(LOG_BYTES);
    int[] options = {
      CUjit_option.CU_JIT_ERROR_LOG_BUFFER,
      CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
      CUjit_option.CU_JIT_INFO_LOG_BUFFER,
      CUjit_option.CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES
    };
    Pointer values =
        Pointer.to(
            Pointer.to(errors),
            new HostMemory.Address(LOG_BYTES),
            Pointer.to(notes),
            new HostMemory.Address(LOG_BYTES));
    CUmodule module = new CUmodule();
    try {
      JCudaDriver.cuModuleLoadDataEx(module, Pointer.to(image), options.length, options, values);
    } catch (CudaException e) {
      throw refused(family, text, log(errors) + log(notes), e);
    }
    String log = log(errors) + log(notes);
    if (!log.isEmpty()) {
      LOGGER.log(Level.DEBUG, "kernels {0}: {1}", family, log);
    }
    return new Module(module, parameters(text));
  }

  private static ByteBuffer direct(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(bytes.length + 1).put(bytes).rewind();
  }

  private static String log(ByteBuffer buffer) {
    int end = 0;
    while (end < buffer.capacity() && buffer.get(end) != 0) {
      end++;
    }
    byte[] bytes = new byte[end];
    buffer.get(0, bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private BackendException refused(String family, String text, String log, CudaException e) {
    String version = first(VERSION, text);
    String what =
        "cuModuleLoadDataEx: kernels "
            + family
            + " (PTX "
            + version
            + " for "
            + first(TARGET, text)
            + ", device "
            + device.info().name()
            + " with compute capability "
            + device.major()
            + "."
            + device.minor()
            + ", driver for CUDA "
            + device.driver()
            + ")";
    BackendException failure = context.failed(what, e);
    String advice =
        switch (Call.code(e)) {
          case CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION ->
              "\nThe driver is too old for PTX " + version + ": install a newer NVIDIA driver.";
          case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, CUresult.CUDA_ERROR_INVALID_PTX ->
              "\nThe driver cannot compile these kernels for this device: a newer NVIDIA driver may.";
          case CUresult.CUDA_ERROR_JIT_COMPILER_NOT_FOUND ->
              "\nA part of the driver is missing: libnvidia-ptxjitcompiler.so.1.";
          case CUresult.CUDA_ERROR_JIT_COMPILATION_DISABLED ->
              "\nThe environment forbids the driver to compile: unset CUDA_DISABLE_PTX_JIT.";
          default -> "";
        };
    return new BackendException(
        failure.getMessage() + advice + (log.isEmpty() ? "" : "\n" + log), e);
  }

  private static String first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? matcher.group(1) : "?";
  }

  /** Returns the size of each kernel's parameter, where it is one structure. */
  static Map<String, Integer> parameters(String text) {
    Map<String, Integer> sizes = new HashMap<>();
    Matcher matcher = ENTRY.matcher(text);
    while (matcher.find()) {
      sizes.put(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }
    return sizes;
  }

  @Override
  public synchronized void close() {
    modules.values().forEach(module -> JCudaDriver.cuModuleUnload(module.handle()));
    modules.clear();
  }
}
