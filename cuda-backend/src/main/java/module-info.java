/** The CUDA backend. */
@SuppressWarnings("requires-automatic") // JCuda has no module descriptor
module dev.quern.cuda {
  requires dev.quern.kernels;
  requires jcuda;
  requires static org.jspecify;

  provides dev.quern.spi.BackendProvider with
      dev.quern.cuda.CudaProvider;
}
