package dev.quern.cuda;

import dev.quern.BackendException;
import java.util.ArrayList;
import java.util.List;
import jcuda.CudaException;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.jspecify.annotations.Nullable;

/**
 * The device's primary context, held until it is released. A kernel that does what it must not
 * makes the driver refuse all further calls: this remembers what happened first, and which kernels
 * can have done it.
 */
final class Context {
  private static final int RECENT = 8;

  private final CudaDevice device;
  private final CUdevice handle = new CUdevice();
  private final CUcontext context = new CUcontext();
  private final String[] recent = new String[RECENT];
  private long launched;
  private long proven;
  private volatile @Nullable String lost;

  /** Retains the context of a device. */
  Context(CudaDevice device) {
    this.device = device;
    try {
      JCudaDriver.cuDeviceGet(handle, device.ordinal());
      JCudaDriver.cuDevicePrimaryCtxRetain(context, handle);
    } catch (CudaException e) {
      throw failed("cuDevicePrimaryCtxRetain", e);
    }
  }

  /**
   * Makes the context the thread's own; each call into this module does first. Others in the
   * process may have set another since the last time, so that nothing is remembered of it: the call
   * costs a tenth of a launch.
   */
  void makeCurrent() {
    String failure = lost;
    if (failure != null) {
      throw new BackendException(
          device.info().id()
              + ": the device's context is lost, a new process is needed; what happened first: "
              + failure);
    }
    try {
      JCudaDriver.cuCtxSetCurrent(context);
    } catch (CudaException e) {
      throw failed("cuCtxSetCurrent", e);
    }
  }

  boolean isLost() {
    return lost != null;
  }

  /** Remembers the name of a kernel that is in the queue. */
  synchronized void launched(String kernel) {
    recent[(int) (launched++ % RECENT)] = kernel;
  }

  /** Returns how many kernels were launched so far. */
  synchronized long launches() {
    return launched;
  }

  /** Says that so many kernels have run without a fault. */
  synchronized void proven(long launches) {
    proven = Math.max(proven, launches);
  }

  /** Returns the error that a failed call becomes. */
  BackendException failed(String call, CudaException e) {
    int code = Call.code(e);
    String text = call + ": " + Call.describe(code) + " on " + device.info().id();
    if (!Call.losesContext(code)) {
      return new BackendException(text, e);
    }
    return lost(text + suspects(), e);
  }

  /** Returns the error of a kernel that was waited for, and so is known to be the one. */
  BackendException faulted(String kernel, CudaException e) {
    int code = Call.code(e);
    String text = "kernel " + kernel + ": " + Call.describe(code) + " on " + device.info().id();
    return Call.losesContext(code) ? lost(text, e) : new BackendException(text, e);
  }

  private BackendException lost(String text, CudaException e) {
    synchronized (this) {
      if (lost == null) {
        lost = text;
      }
    }
    return new BackendException(
        text + "; the device's context is lost, a new process is needed", e);
  }

  private synchronized String suspects() {
    List<String> names = new ArrayList<>();
    for (long i = Math.max(proven, launched - RECENT); i < launched; i++) {
      names.add(recent[(int) (i % RECENT)]);
    }
    if (names.isEmpty()) {
      return "";
    }
    long earlier = launched - proven - names.size();
    return ", caused by one of the last kernels: "
        + String.join(", ", names)
        + (earlier > 0 ? " or one of " + earlier + " before" : "")
        + " (-Dquern.cuda.blocking=true tells which)";
  }

  /** Lets go of the context, of which nothing is used any more. */
  void release() {
    try {
      JCudaDriver.cuDevicePrimaryCtxRelease(handle);
    } catch (CudaException e) {
      // That of a lost context reports once more why it is lost.
      if (!isLost()) {
        throw failed("cuDevicePrimaryCtxRelease", e);
      }
    }
  }
}
