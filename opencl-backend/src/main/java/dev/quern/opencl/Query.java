package dev.quern.opencl;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.jocl.CL;
import org.jocl.Pointer;
import org.jocl.cl_device_id;
import org.jocl.cl_platform_id;

/** Reads what OpenCL tells of platforms and devices. */
final class Query {
  private Query() {}

  static String text(cl_platform_id platform, int what) {
    long[] size = new long[1];
    CL.clGetPlatformInfo(platform, what, 0, null, size);
    byte[] bytes = new byte[Math.toIntExact(size[0])];
    CL.clGetPlatformInfo(platform, what, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  static String text(cl_device_id device, int what) {
    long[] size = new long[1];
    CL.clGetDeviceInfo(device, what, 0, null, size);
    byte[] bytes = new byte[Math.toIntExact(size[0])];
    CL.clGetDeviceInfo(device, what, bytes.length, Pointer.to(bytes), null);
    return text(bytes);
  }

  /** Returns a number or a set of flags, whatever its width. */
  static long number(cl_device_id device, int what) {
    long[] size = new long[1];
    CL.clGetDeviceInfo(device, what, 0, null, size);
    ByteBuffer bytes = ByteBuffer.allocateDirect(8).order(ByteOrder.nativeOrder());
    CL.clGetDeviceInfo(device, what, size[0], Pointer.to(bytes), null);
    return size[0] == 4 ? Integer.toUnsignedLong(bytes.getInt(0)) : bytes.getLong(0);
  }

  static boolean flag(cl_device_id device, int what) {
    return number(device, what) != 0;
  }

  /** Returns a text up to the zero that ends it. */
  static String text(byte[] bytes) {
    int end = 0;
    while (end < bytes.length && bytes[end] != 0) {
      end++;
    }
    return new String(bytes, 0, end, StandardCharsets.UTF_8).strip();
  }
}
