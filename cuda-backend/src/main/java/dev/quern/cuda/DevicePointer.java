package dev.quern.cuda;

import jcuda.driver.CUdeviceptr;

/** An address on the device that Java can see, which the binding's own hides. */
final class DevicePointer extends CUdeviceptr {
  DevicePointer() {}

  private DevicePointer(DevicePointer base, long offset) {
    super(base, offset);
  }

  long address() {
    return getNativePointer() + getByteOffset();
  }

  DevicePointer plus(long offset) {
    return offset == 0 ? this : new DevicePointer(this, offset);
  }
}
