/** The pure-Java backend. */
module dev.quern.cpu {
  requires dev.quern.core;
  requires static jdk.incubator.vector;
  requires static org.jspecify;

  provides dev.quern.spi.BackendProvider with
      dev.quern.cpu.CpuProvider;
}
