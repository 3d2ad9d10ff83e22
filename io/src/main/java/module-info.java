/** Readers and writers of .npy, .npz and safetensors files. */
module dev.quern.io {
  requires transitive dev.quern.core;
  requires static transitive org.jspecify;

  exports dev.quern.io;
}
