package dev.quern.opencl;

import dev.quern.BackendException;
import org.jocl.CL;
import org.jocl.CLException;

/** Names OpenCL's errors. */
final class Call {
  private Call() {}

  /** Returns the error that a failed call becomes. */
  static BackendException failed(String call, String device, CLException e) {
    return new BackendException(call + ": " + code(e) + " on " + device, e);
  }

  /** Returns the name of an error, such as {@code CL_INVALID_VALUE (-30)}. */
  static String code(CLException e) {
    int status = e.getStatus();
    if (status == CL.CL_PLATFORM_NOT_FOUND_KHR) {
      return "CL_PLATFORM_NOT_FOUND_KHR (" + status + ")";
    }
    return CL.stringFor_errorCode(status) + " (" + status + ")";
  }
}
