/** The OpenCL backend. */
module dev.quern.opencl {
  requires dev.quern.kernels;
  requires jocl;
  requires static org.jspecify;

  provides dev.quern.spi.BackendProvider with
      dev.quern.opencl.OpenClProvider;
}
