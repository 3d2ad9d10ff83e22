package dev.quern.opencl;

import dev.quern.BackendException;
import dev.quern.kernels.KernelKey;
import dev.quern.kernels.KernelSource;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;
import org.jocl.CL;
import org.jocl.CLException;
import org.jocl.Pointer;
import org.jocl.Sizeof;
import org.jocl.cl_context;
import org.jocl.cl_device_id;
import org.jocl.cl_kernel;
import org.jocl.cl_program;
import org.jspecify.annotations.Nullable;

/** The programs of one driver, each built once: from the cache on disk, or else from source. */
final class Programs implements AutoCloseable {
  private static final Logger LOGGER = System.getLogger("dev.quern.opencl");

  /**
   * How often a program is compiled before its failure is believed. LLVM, which some drivers
   * compile with inside the process, deletes the files that it is writing when a signal comes, and
   * the JVM stops its threads by signals: such a failure goes away.
   */
  private static final int ATTEMPTS = 10;

  private final ClDevice device;
  private final cl_context context;
  private final cl_device_id[] handles;
  private final String options;
  private final ProgramCache cache = new ProgramCache();
  private final Map<Name, cl_program> programs = new HashMap<>();
  private int compiled;

  private record Name(String family, SortedMap<String, String> defines) {}

  Programs(ClDevice device, cl_context context) {
    this.device = device;
    this.context = context;
    handles = new cl_device_id[] {device.handle()};
    // Nothing here may let the compiler round otherwise than the source says.
    options =
        "-cl-std=CL1.2"
            + (device.roundsDivision() ? " -cl-fp32-correctly-rounded-divide-sqrt" : "");
  }

  /** Returns how many programs were compiled from source. */
  synchronized int compiled() {
    return compiled;
  }

  /** Returns a new kernel of the program that the key names. */
  synchronized cl_kernel kernel(KernelKey key) {
    Name name = new Name(key.family(), key.defines());
    cl_program program = programs.get(name);
    if (program == null) {
      program = build(key);
      programs.put(name, program);
    }
    try {
      return CL.clCreateKernel(program, key.entry(), null);
    } catch (CLException e) {
      throw new BackendException(
          "clCreateKernel: " + Call.code(e) + ": " + describe(key) + ", defines " + key.defines(),
          e);
    }
  }

  private cl_program build(KernelKey key) {
    String source = KernelSource.of(key, "opencl", "cl");
    if (cache.isOff()) {
      // Asking for a binary that nobody keeps would cost: some drivers compile it then.
      return patiently(() -> fromSource(source, key));
    }
    String hash = ProgramCache.key(source, options, device.build());
    Optional<byte[]> binary = cache.load(hash);
    if (binary.isPresent()) {
      cl_program program = fromBinary(binary.get(), key);
      if (program != null) {
        return program;
      }
    }
    cl_program program = patiently(() -> fromSource(source, key));
    byte[] made = binary(program, key);
    if (made.length > 0) {
      cache.store(hash, made);
    }
    return program;
  }

  private @Nullable cl_program fromBinary(byte[] binary, KernelKey key) {
    cl_program program = null;
    try {
      long[] lengths = {binary.length};
      byte[][] binaries = {binary};
      program =
          CL.clCreateProgramWithBinary(
              context, 1, handles, lengths, binaries, new int[1], new int[1]);
      CL.clBuildProgram(program, 1, handles, options, null, null);
      return program;
    } catch (CLException e) {
      LOGGER.log(Level.INFO, "cached program is replaced: {0}: {1}", describe(key), e.getMessage());
      if (program != null) {
        CL.clReleaseProgram(program);
      }
      return null;
    }
  }

  /** Returns what is built at last; a build is done again where its failure may go away. */
  static <T> T patiently(Supplier<T> build) {
    for (int attempt = 1; ; attempt++) {
      try {
        return build.get();
      } catch (BackendException e) {
        boolean mayGoAway =
            e.getCause() instanceof CLException cause
                && cause.getStatus() == CL.CL_BUILD_PROGRAM_FAILURE;
        if (!mayGoAway || attempt == ATTEMPTS) {
          throw e;
        }
        LOGGER.log(Level.DEBUG, "compiled again: {0}", e.getMessage());
      }
    }
  }

  private cl_program fromSource(String source, KernelKey key) {
    cl_program program;
    try {
      program = CL.clCreateProgramWithSource(context, 1, new String[] {source}, null, null);
    } catch (CLException e) {
      throw Call.failed("clCreateProgramWithSource: " + key.family(), device.info().id(), e);
    }
    try {
      CL.clBuildProgram(program, 1, handles, options, null, null);
      compiled++;
      return program;
    } catch (CLException e) {
      String log = log(program);
      CL.clReleaseProgram(program);
      throw new BackendException(
          "clBuildProgram: "
              + Call.code(e)
              + ": "
              + describe(key)
              + "\noptions "
              + options
              + "\ndefines "
              + key.defines()
              + "\n"
              + log,
          e);
    }
  }

  private String log(cl_program program) {
    try {
      int what = CL.CL_PROGRAM_BUILD_LOG;
      long[] size = new long[1];
      CL.clGetProgramBuildInfo(program, device.handle(), what, 0, null, size);
      byte[] bytes = new byte[Math.toIntExact(size[0])];
      CL.clGetProgramBuildInfo(
          program, device.handle(), what, bytes.length, Pointer.to(bytes), null);
      return Query.text(bytes);
    } catch (CLException e) {
      return "no build log: " + Call.code(e);
    }
  }

  // Empty where the driver does not give it away.
  private byte[] binary(cl_program program, KernelKey key) {
    try {
      long[] size = new long[1];
      CL.clGetProgramInfo(
          program, CL.CL_PROGRAM_BINARY_SIZES, Sizeof.size_t, Pointer.to(size), null);
      if (size[0] == 0) {
        return new byte[0];
      }
      ByteBuffer bytes =
          ByteBuffer.allocateDirect(Math.toIntExact(size[0])).order(ByteOrder.nativeOrder());
      CL.clGetProgramInfo(
          program, CL.CL_PROGRAM_BINARIES, Sizeof.POINTER, Pointer.to(Pointer.to(bytes)), null);
      byte[] binary = new byte[bytes.capacity()];
      bytes.get(0, binary);
      return binary;
    } catch (CLException e) {
      LOGGER.log(Level.DEBUG, "no binary of {0}: {1}", describe(key), Call.code(e));
      return new byte[0];
    }
  }

  private String describe(KernelKey key) {
    return "kernel "
        + key.entry()
        + " of "
        + key.family()
        + " on "
        + device.info().id()
        + " ("
        + device.info().name()
        + ")";
  }

  @Override
  public synchronized void close() {
    programs.values().forEach(CL::clReleaseProgram);
    programs.clear();
  }
}
