package dev.quern.trainer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.quern.Device;
import dev.quern.trainer.Cli.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"--help", "devices --help", "train --help", "score --help", "cost --help"})
  void shouldHelp(String command) {
    Outcome outcome = Cli.run(command.split(" ", -1));

    assertEquals(0, outcome.status());
    assertTrue(outcome.out().startsWith("Usage: quern"), outcome.out());
  }

  @Test
  void shouldSayInTheHelpWhatThePenaltyIs() {
    assertTrue(Cli.run("train", "--help").out().contains("K/2 * sum w^2"));
  }

  @Test
  void shouldTellItsVersion() {
    Outcome outcome = Cli.run("--version");

    assertEquals(0, outcome.status());
    assertTrue(outcome.out().startsWith("quern "), outcome.out());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--nonsense",
        "fly",
        "train",
        "train --data x",
        "train bayes --data x",
        "train mlp --data x --batch 0",
        "train mlp --data x --batch half",
        "train mlp --data x --optimizer magic",
        "train mlp --data x --activation magic",
        "train mlp --data x --hidden many",
        "devices --nonsense",
      })
  void shouldRefuseUnknownOptionsWithAHint(String command) {
    Outcome outcome = Cli.run(command.split(" ", -1));

    assertEquals(2, outcome.status());
    assertTrue(outcome.err().contains(" --help'."), outcome.err());
    assertEquals("", outcome.out());
  }

  @Test
  void shouldPrintNoColoursOffATerminal() {
    assertFalse(Cli.run("train", "--help").out().contains("\u001b"));
  }

  @Test
  void shouldListDevices() {
    Outcome outcome = Cli.run("devices");

    assertEquals(0, outcome.status());
    assertTrue(outcome.out().contains(Device.best().id()), outcome.out());
  }

  @Test
  void shouldListDevicesAsJson() {
    JsonObject json = Cli.run("devices", "--json").json();

    assertEquals(Device.best().id(), json.get("best").getAsString());
    assertEquals(Device.all().size(), json.getAsJsonArray("devices").size());
  }

  @Test
  void shouldRunASmallMainJob(@TempDir Path folder) {
    Console console =
        new Console(
            System.out, new java.io.PrintStream(java.io.OutputStream.nullOutputStream()), false);
    DigitsJob.Extent small = new DigitsJob.Extent(2000, 300, 2);

    JsonObject result = new DigitsJob(console, Device.best(), folder, 0, small).run();

    assertTrue(result.get("testAccuracy").getAsDouble() > 0.4, result.toString());
    assertTrue(Files.exists(folder.resolve("loss.png")));
    assertTrue(Files.exists(folder.resolve("mistakes.png")));
  }
}
