package dev.quern.trainer;

import com.google.gson.JsonObject;
import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.io.FormatException;
import dev.quern.trainer.data.DataException;
import dev.quern.trainer.learn.Activation;
import dev.quern.trainer.learn.DivergenceException;
import dev.quern.trainer.learn.ModelKind;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The {@code quern} command line. */
@Command(
    name = "quern",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Train models on whatever device there is.",
      "",
      "Without a command: draw 24,000 handwritten-like digits, train a classifier on them, and"
          + " write a loss curve and the mistakes it makes as pictures.",
      ""
    },
    footer = {"", "'quern COMMAND --help' tells more about a command."})
public final class Main implements Callable<Integer> {
  private final Console console;

  @Mixin private final DeviceOption deviceOption = new DeviceOption();

  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "Where to write loss.png and mistakes.png (default: ${DEFAULT-VALUE}).")
  private Path out = Path.of("quern-out");

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Decides the digits, the initial weights and the order (default 0).")
  private long seed;

  @Option(names = "--json", description = "Print one JSON object.")
  private boolean json;

  private Main(Console console) {
    this.console = console;
  }

  /** Runs a command line and ends the process with its exit status. */
  public static void main(String[] args) {
    // Pictures are only written to files; a display is neither needed nor wanted.
    System.setProperty("java.awt.headless", "true");
    System.exit(run(Console.system(), args));
  }

  /** Runs a command line and returns its exit status. */
  static int run(Console console, String... args) {
    CommandLine line = new CommandLine(new Main(console));
    line.addSubcommand(new CostCommand(console));
    line.addSubcommand(new DevicesCommand(console));
    line.addSubcommand(new TrainCommand(console));
    line.addSubcommand(new TuneCommand(console));
    line.addSubcommand(new ScoreCommand(console));
    line.addSubcommand(new VerifyCommand(console));
    for (ExtraCommand extra : ServiceLoader.load(ExtraCommand.class)) {
      line.addSubcommand(extra.command(console.out(), console.err()));
    }
    line.getSubcommands()
        .values()
        .forEach(sub -> sub.getCommandSpec().mixinStandardHelpOptions(true));
    EnumNames.register(line, ModelKind.class);
    EnumNames.register(line, Activation.class);
    EnumNames.register(line, DType.class);
    EnumNames.register(line, OptimizerOptions.Kind.class);
    EnumNames.register(line, ScoreCommand.Format.class);
    EnumNames.register(line, ScoreCommand.Values.class);
    line.setUsageHelpAutoWidth(console.terminal());
    line.setOut(new PrintWriter(console.out(), true, Charset.defaultCharset()));
    line.setErr(new PrintWriter(console.err(), true, Charset.defaultCharset()));
    line.setColorScheme(
        Help.defaultColorScheme(console.terminal() ? Help.Ansi.AUTO : Help.Ansi.OFF));
    line.setParameterExceptionHandler(Main::misused);
    line.setExecutionExceptionHandler((e, command, result) -> failed(e, command));
    return line.execute(args);
  }

  @Override
  public Integer call() {
    JsonObject result =
        new DigitsJob(console, deviceOption.select(), out, seed, DigitsJob.Extent.FULL).run();
    if (json) {
      console.json(result);
      return 0;
    }
    console.say("device         %s", result.get("device").getAsString());
    console.say("loss           %.5f", result.get("finalLoss").getAsDouble());
    console.say(
        "test accuracy  %.2f %% (%,d of %,d)",
        100 * result.get("testAccuracy").getAsDouble(),
        result.get("testCorrect").getAsInt(),
        result.get("testRows").getAsInt());
    console.say("time           %.1f s", result.get("seconds").getAsDouble());
    if (result.has("lossCurve")) {
      console.say("loss curve     %s", result.get("lossCurve").getAsString());
      console.say("mistakes       %s", result.get("mistakes").getAsString());
    }
    return 0;
  }

  private static int misused(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    command.getErr().println(name + ": " + e.getMessage());
    CommandLine.UnmatchedArgumentException.printSuggestions(e, command.getErr());
    command.getErr().println("Try '" + name + " --help'.");
    return CommandLine.ExitCode.USAGE;
  }

  /** Turns what can go wrong at run time into one line; anything else is a fault of the program. */
  private static int failed(Exception e, CommandLine command) throws Exception {
    String name = command.getCommandSpec().qualifiedName();
    if (e instanceof DataException
        || e instanceof FormatException
        || e instanceof UncheckedIOException
        || e instanceof IllegalArgumentException) {
      // The library's own checks: sizes that no device can hold, rates out of range.
      command.getErr().println(name + ": " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    if (e instanceof DivergenceException || e instanceof BackendException) {
      command.getErr().println(name + ": " + e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    }
    throw e;
  }
}
