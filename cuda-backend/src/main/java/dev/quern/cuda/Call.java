package dev.quern.cuda;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import jcuda.CudaException;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Names CUDA's errors. */
final class Call {
  /** Newer than the binding. */
  private static final int TENSOR_MEMORY_LEAK = 721;

  /** After these the driver refuses every further call of the process on that device. */
  private static final Set<Integer> LOST =
      Set.of(
          CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
          CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
          CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
          CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
          CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
          CUresult.CUDA_ERROR_ASSERT,
          CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
          CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
          CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
          CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
          CUresult.CUDA_ERROR_INVALID_PC,
          CUresult.CUDA_ERROR_LAUNCH_FAILED,
          TENSOR_MEMORY_LEAK);

  private static final int MOST = 1024;

  private Call() {}

  /** Returns the code of an error; the binding's exception has only the name of it. */
  static int code(CudaException e) {
    String message = String.valueOf(e.getMessage());
    Integer known = Names.CODES.get(message);
    if (known != null) {
      return known;
    }
    // Codes that the binding does not know end its message.
    String digits = message.substring(message.lastIndexOf(' ') + 1);
    return digits.matches("\\d{1,9}") ? Integer.parseInt(digits) : CUresult.CUDA_ERROR_UNKNOWN;
  }

  /** Returns whether nothing works on a device any more after an error. */
  static boolean losesContext(int code) {
    return LOST.contains(code);
  }

  /** Returns the name of an error, such as {@code CUDA_ERROR_INVALID_VALUE (1)}. */
  static String name(int code) {
    String[] name = new String[1];
    try {
      // Newer drivers know more codes than the binding.
      JCudaDriver.cuGetErrorName(code, name);
    } catch (CudaException e) {
      name[0] = "unknown error";
    }
    return name[0] + " (" + code + ")";
  }

  /** Returns the name of an error and the driver's words for it. */
  static String describe(int code) {
    String[] text = new String[1];
    try {
      JCudaDriver.cuGetErrorString(code, text);
    } catch (CudaException e) {
      return name(code);
    }
    return name(code) + ", " + text[0];
  }

  /** Returns the name of an error and the driver's words for it. */
  static String describe(CudaException e) {
    return describe(code(e));
  }

  // A class of its own: filled when the first error is looked at.
  private static final class Names {
    static final Map<String, Integer> CODES = new HashMap<>();

    static {
      for (int code = 0; code < MOST; code++) {
        CODES.put(CUresult.stringFor(code), code);
      }
    }
  }
}
