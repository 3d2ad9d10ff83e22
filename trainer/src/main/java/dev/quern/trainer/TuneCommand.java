package dev.quern.trainer;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Measures a device and remembers which sizes suit it. */
@Command(
    name = "tune",
    description =
        "Measure which tile sizes suit a GPU or OpenCL device and remember them for this user.")
final class TuneCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  TuneCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    deviceOption
        .select()
        .tune(line -> console.note("%s", line))
        .forEach(line -> console.say("%s", line));
    return 0;
  }
}
