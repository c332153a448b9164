package dev.jbuild.plan;

import dev.jbuild.dockerfile.Command;
import dev.jbuild.dockerfile.Instruction.Device;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// RUN.
final class RunPlanner {

  private final StageTable table;
  private final Map<String, String> buildArgs;
  private final StageState state;

  RunPlanner(StageTable table, Map<String, String> buildArgs, StageState state) {
    this.table = table;
    this.buildArgs = buildArgs;
    this.state = state;
  }

  RunStep run(Run run) {
    var script = script(run);
    var argv = argv(run, script);
    var environment = state.scope().environment();
    var mounts = new ArrayList<RunMount>();
    int sockets = 0;
    for (var mount : run.mounts()) {
      var planned = new MountReader(table, state, mount).read(cacheNamespace(), sockets);
      mounts.add(planned);
      sockets += planned instanceof RunMount.Ssh ? 1 : 0;
    }
    checkNul(run, argv, environment);
    var createdBy = "RUN " + state.scope().argumentsText() + String.join(" ", argv) + " # buildkit";
    return new RunStep(
        state.head(createdBy),
        argv,
        environment,
        proxies(environment),
        state.config().user(),
        state.directory(),
        run.network().map(RunPlanner::network).orElse(RunStep.Network.DEFAULT),
        run.security().map(RunPlanner::security).orElse(RunStep.Security.SANDBOX),
        mounts,
        script,
        devices(run));
  }

  /// Those that the step cannot go without. The others are devices that this machine does not have,
  /// since none are known: BuildKit goes on then too.
  private List<String> devices(Run run) {
    for (var device : run.devices()) {
      if (!device.required()) {
        state
            .notices()
            .add(
                device.written().span()
                    + ": RUN --device: the step goes on without "
                    + Printable.of(device.name())
                    + ", since jbuild knows no device specifications");
      }
    }
    return run.devices().stream().filter(Device::required).map(Device::name).toList();
  }

  /// A process cannot be given one; a base image's config may hold it.
  private void checkNul(Run run, List<String> argv, Map<String, String> environment) {
    var texts = new ArrayList<>(argv);
    environment.forEach((name, value) -> texts.add(name + "=" + value));
    texts.add(state.config().user());
    texts.add(state.directory());
    for (var text : texts) {
      if (text.indexOf('\0') >= 0) {
        throw Mistake.at(
            run.span(), "RUN: there is a NUL character in \"" + Printable.of(text) + "\"");
      }
    }
  }

  private List<String> argv(Run run, Optional<RunStep.Script> script) {
    return switch (run.command()) {
      case Command.Exec(var argv) -> {
        if (argv.isEmpty()) {
          throw Mistake.at(run.span(), "RUN: the list is empty: there is nothing to run");
        }
        yield argv;
      }
      case Command.Shell _ -> {
        var argv = new ArrayList<>(state.shell());
        argv.add(script.map(file -> RunStep.SCRIPTS + "/" + file.name()).orElseGet(run::script));
        yield argv;
      }
    };
  }

  /// A here-document that is the whole command and names its interpreter becomes a file.
  private static Optional<RunStep.Script> script(Run run) {
    var document = run.scriptFile();
    if (document.isPresent() && !ImagePath.isFileName(document.get().name())) {
      throw Mistake.at(
              document.get().span(),
              "RUN: " + Printable.of(document.get().name()) + " cannot be a file's name")
          .hint("a script with #! becomes a file of this name: write it without a slash");
    }
    return document.map(file -> new RunStep.Script(file.name(), file.content()));
  }

  private SortedMap<String, String> proxies(Map<String, String> environment) {
    var proxies = new TreeMap<>(PredefinedArgs.proxies(buildArgs));
    environment.forEach(proxies::remove); // what has the value anyhow
    return proxies;
  }

  private String cacheNamespace() {
    return buildArgs.getOrDefault(PredefinedArgs.CACHE_NAMESPACE, "");
  }

  private static RunStep.Network network(Word word) {
    return switch (word.text().toLowerCase(Locale.ROOT)) {
      case "default" -> RunStep.Network.DEFAULT;
      case "none" -> RunStep.Network.NONE;
      case "host" -> RunStep.Network.HOST;
      default ->
          throw Mistake.at(
                  word.span(), "RUN: \"" + Printable.of(word.text()) + "\" is not a network")
              .hint("--network is default, none or host");
    };
  }

  private static RunStep.Security security(Word word) {
    return switch (word.text().toLowerCase(Locale.ROOT)) {
      case "sandbox" -> RunStep.Security.SANDBOX;
      case "insecure" -> RunStep.Security.INSECURE;
      default ->
          throw Mistake.at(
                  word.span(), "RUN: \"" + Printable.of(word.text()) + "\" is not a security mode")
              .hint("--security is sandbox or insecure");
    };
  }
}
