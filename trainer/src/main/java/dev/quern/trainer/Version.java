package dev.quern.trainer;

import picocli.CommandLine.IVersionProvider;

/** Tells the version of Quern and of Java. */
final class Version implements IVersionProvider {
  private static final String DEVELOPMENT = "development build";

  @Override
  public String[] getVersion() {
    String version = Main.class.getPackage().getImplementationVersion();
    return new String[] {
      "quern " + (version == null ? DEVELOPMENT : version),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name")
    };
  }
}
