package dev.quern.trainer;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.quern.Device;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Lists every backend and device, or why it is not there. */
@Command(
    name = "devices",
    description = "List every backend and device, or the reason why it is not there.")
final class DevicesCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  DevicesCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    List<Device> devices = Device.all();
    Map<String, String> refusals = Device.refusals();
    if (json) {
      console.json(describe(devices, refusals));
      return 0;
    }
    for (Device device : devices) {
      console.say("%-10s  %s", device.id(), device.name());
      console.say("%-10s  %s", "", device.details());
    }
    refusals.forEach((backend, reason) -> console.say("%-10s  not there: %s", backend, reason));
    if (devices.isEmpty()) {
      console.note("no device: no backend is on the class path");
      return 1;
    }
    console.say("%nUsed by default: %s", Device.best().id());
    return 0;
  }

  private static JsonObject describe(List<Device> devices, Map<String, String> refusals) {
    JsonArray list = new JsonArray();
    for (Device device : devices) {
      JsonObject entry = new JsonObject();
      entry.addProperty("id", device.id());
      entry.addProperty("name", device.name());
      entry.addProperty("details", device.details());
      entry.addProperty("gpu", device.isGpu());
      list.add(entry);
    }
    JsonObject refused = new JsonObject();
    refusals.forEach(refused::addProperty);
    JsonObject out = new JsonObject();
    out.add("devices", list);
    out.add("refused", refused);
    out.addProperty("best", devices.isEmpty() ? null : Device.best().id());
    return out;
  }
}
