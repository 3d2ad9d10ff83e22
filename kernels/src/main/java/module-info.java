/** What the GPU backends share: kernel sources and the launcher. */
@SuppressWarnings("module") // the backends are not there yet when this module is compiled
module dev.quern.kernels {
  requires transitive dev.quern.core;
  requires static org.jspecify;

  exports dev.quern.kernels to
      dev.quern.cuda,
      dev.quern.opencl;
}
