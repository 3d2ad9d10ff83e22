/** The OpenCL backend. */
@SuppressWarnings("requires-automatic") // JOCL has no module descriptor
module dev.quern.opencl {
  requires dev.quern.kernels;
  requires jocl;
  requires static org.jspecify;

  provides dev.quern.spi.BackendProvider with
      dev.quern.opencl.OpenClProvider;
}
