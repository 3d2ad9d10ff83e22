/** Tensors, automatic differentiation, layers and optimizers over interchangeable backends. */
module dev.quern.core {
  requires static transitive org.jspecify;

  exports dev.quern;
  exports dev.quern.nn;
  exports dev.quern.optim;
  exports dev.quern.random;
  exports dev.quern.spi;

  uses dev.quern.spi.BackendProvider;
}
