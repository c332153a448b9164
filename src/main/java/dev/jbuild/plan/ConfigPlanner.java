package dev.jbuild.plan;

import dev.jbuild.dockerfile.Command;
import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Expose;
import dev.jbuild.dockerfile.Instruction.Healthcheck.Check;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Pair;
import dev.jbuild.dockerfile.Instruction.StopSignal;
import dev.jbuild.dockerfile.Instruction.Volume;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Healthcheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/// The instructions that change the config only. Each method changes the state and gives back the
/// text for the history, ARG what it declares.
final class ConfigPlanner {

  private static final Healthcheck NO_CHECK =
      new Healthcheck(
          List.of("NONE"), Duration.ZERO, Duration.ZERO, Duration.ZERO, Duration.ZERO, 0);

  private final GlobalScope globals;
  private final StageState state;

  ConfigPlanner(GlobalScope globals, StageState state) {
    this.globals = globals;
    this.state = state;
  }

  /// A build argument wins over the default, which is then not looked at; the global value counts
  /// only if there is no default. Names are taken in order: a default sees those before it.
  List<Declared> arg(Arg arg) {
    var declared = new ArrayList<Declared>();
    for (var declaration : arg.declarations()) {
      var name = declaration.name();
      var value = globals.given(name);
      boolean inherited = false;
      if (value == null && declaration.value().isPresent()) {
        value = state.expand(declaration.value().get());
        PlatformDefault.check(
            declaration, globals.automatic(name), value, state.escape(), state.notices());
      } else if (value == null) {
        value = globals.inherited(name);
        inherited = value != null;
      }
      state.scope().declare(name, value);
      declared.add(new Declared(name, Optional.ofNullable(value), inherited, arg.span()));
    }
    return declared;
  }

  /// How the history tells of an ARG.
  static String argText(List<Declared> declared) {
    var text = new StringBuilder("ARG");
    for (var each : declared) {
      text.append(' ').append(each.name());
      each.value().ifPresent(value -> text.append('=').append(value));
    }
    return text.toString();
  }

  /// All right-hand sides see the values from before the instruction.
  String env(Env env) {
    var pairs = expand("ENV", env.pairs());
    var config = state.config();
    for (int i = 0; i < pairs.size(); i++) {
      var pair = pairs.get(i);
      if (pair.getKey().indexOf('=') >= 0) { // it would set another variable than it says
        throw Mistake.at(
            env.pairs().get(i).key().span(),
            "ENV: a name cannot have = in it: " + Printable.of(pair.getKey()));
      }
      state.scope().set(pair.getKey(), pair.getValue());
      config = config.withVariable(pair.getKey(), pair.getValue());
    }
    state.config(config);
    return "ENV" + text(pairs);
  }

  String label(Label label) {
    var pairs = expand("LABEL", label.pairs());
    var labels = new TreeMap<>(state.config().labels());
    pairs.forEach(pair -> labels.put(pair.getKey(), pair.getValue()));
    state.config(state.config().withLabels(labels));
    return "LABEL" + text(pairs);
  }

  private List<Map.Entry<String, String>> expand(String instruction, List<Pair> pairs) {
    var expanded = new ArrayList<Map.Entry<String, String>>();
    for (var pair : pairs) {
      var key = state.expand(pair.key());
      if (key.isEmpty()) {
        throw Mistake.at(
            pair.key().span(),
            instruction + ": the name " + Printable.of(pair.key().text()) + " is blank");
      }
      expanded.add(Map.entry(key, state.expand(pair.value())));
    }
    return expanded;
  }

  private static String text(List<Map.Entry<String, String>> pairs) {
    var text = new StringBuilder();
    pairs.forEach(
        pair -> text.append(' ').append(pair.getKey()).append('=').append(pair.getValue()));
    return text.toString();
  }

  String user(Word word) {
    var user = state.expand(word);
    state.config(state.config().withUser(user));
    return "USER " + user;
  }

  String volume(Volume volume) {
    var volumes = new TreeSet<>(state.config().volumes());
    var added = new ArrayList<String>();
    for (var word : volume.paths()) {
      var path = state.expand(word);
      if (path.isEmpty()) {
        throw Mistake.at(
            word.span(), "VOLUME: the path " + Printable.of(word.text()) + " is empty");
      }
      added.add(path);
    }
    volumes.addAll(added);
    state.config(state.config().withVolumes(volumes));
    return "VOLUME " + GoText.list(added);
  }

  /// The words are sorted as they are written; what they expand to is split at blanks.
  String expose(Expose expose) {
    var exposed = new ArrayList<String>();
    var ports = expose.ports().stream();
    for (var word : ports.sorted((one, other) -> one.text().compareTo(other.text())).toList()) {
      for (var text : state.expandWords(word)) {
        try {
          exposed.addAll(Ports.parse(text));
        } catch (IllegalArgumentException e) {
          throw Mistake.at(word.span(), "EXPOSE: " + e.getMessage());
        }
        warnOfPort(word, text);
      }
    }
    var all = new TreeSet<>(state.config().exposedPorts());
    all.addAll(exposed);
    state.config(state.config().withExposedPorts(all));
    return "EXPOSE " + GoText.list(exposed);
  }

  private void warnOfPort(Word word, String text) {
    if (Ports.protocolOf(text).chars().anyMatch(Character::isUpperCase)) {
      state
          .notices()
          .add(
              Rule.EXPOSE_PROTO_CASING,
              word.span(),
              "the protocol of " + Printable.of(text) + " should be lower case");
    }
    if (text.indexOf(':') >= 0) {
      state
          .notices()
          .add(
              Rule.EXPOSE_INVALID_FORMAT,
              word.span(),
              "EXPOSE takes no address or host port: " + Printable.of(text));
    }
  }

  String stopSignal(StopSignal instruction) {
    var signal = state.expand(instruction.signal());
    if (!Signals.isSignal(signal)) {
      throw Mistake.at(
              instruction.signal().span(),
              "STOPSIGNAL: \"" + Printable.of(signal) + "\" is not a signal")
          .hint("name one as SIGTERM or TERM, or give its number");
    }
    state.config(state.config().withStopSignal(signal));
    return "STOPSIGNAL " + signal;
  }

  String cmd(Command command) {
    var argv = argv(command);
    ShellForm.check("CMD", command, state);
    state.giveCmd();
    state.config(state.config().withCmd(argv.isEmpty() ? null : argv));
    return "CMD " + GoText.quotedList(argv);
  }

  /// A CMD that came with the base belongs to its ENTRYPOINT and goes with it; one that the stage
  /// itself has had before stays.
  String entrypoint(Command command) {
    var argv = argv(command);
    ShellForm.check("ENTRYPOINT", command, state);
    var config = state.config().withEntrypoint(argv.isEmpty() ? null : argv);
    state.config(state.cmdGiven() ? config : config.withCmd(null));
    return "ENTRYPOINT " + GoText.quotedList(argv);
  }

  private List<String> argv(Command command) {
    return switch (command) {
      case Command.Exec(var argv) -> argv;
      case Command.Shell(var script) -> {
        var argv = new ArrayList<>(state.shell());
        argv.add(script);
        yield argv;
      }
    };
  }

  String shell(List<String> argv) {
    state.config(state.config().withShell(argv));
    return "SHELL " + GoText.list(argv);
  }

  String healthcheck(Optional<Check> check) {
    var health = check.map(ConfigPlanner::health).orElse(NO_CHECK);
    state.config(state.config().withHealthcheck(health));
    return "HEALTHCHECK {Test:"
        + GoText.list(health.test())
        + (" Interval:" + GoText.duration(health.interval()))
        + (" Timeout:" + GoText.duration(health.timeout()))
        + (" StartPeriod:" + GoText.duration(health.startPeriod()))
        + (" StartInterval:" + GoText.duration(health.startInterval()))
        + (" Retries:" + health.retries() + "}");
  }

  private static Healthcheck health(Check check) {
    var test = new ArrayList<String>();
    switch (check.command()) {
      case Command.Shell(var script) -> {
        test.add("CMD-SHELL");
        test.add(script);
      }
      case Command.Exec(var argv) -> {
        test.add("CMD");
        test.addAll(argv);
      }
    }
    return new Healthcheck(
        test,
        check.interval(),
        check.timeout(),
        check.startPeriod(),
        check.startInterval(),
        check.retries());
  }

  String maintainer(String name) {
    state.author(name);
    return "MAINTAINER " + name;
  }

  /// Only stored; it has no entry in the history.
  void onBuild(String trigger) {
    var triggers = new ArrayList<>(state.config().onBuild());
    triggers.add(trigger);
    state.config(state.config().withOnBuild(triggers));
  }
}
