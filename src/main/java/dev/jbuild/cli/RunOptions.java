package dev.jbuild.cli;

import dev.jbuild.build.KeptState;
import dev.jbuild.build.KeptStates;
import dev.jbuild.build.RunRequest;
import dev.jbuild.failure.Printable;
import dev.jbuild.sandbox.Allowance;
import dev.jbuild.sandbox.Network;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The options of run that say what a container is like.
final class RunOptions {

  private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62})");

  private RunOptions() {}

  static Syntax addTo(Syntax syntax) {
    syntax
        .withoutShortHelp()
        .values("NAME[=VALUE]", "Set a variable; from the environment without =.", "-e", "--env")
        .values("FILE", "Set the variables of a file, a NAME=VALUE in each line.", "--env-file")
        .value("DIR", "Working directory.", "-w", "--workdir")
        .value("USER[:GROUP]", "Run as this user.", "-u", "--user")
        .values("GROUP", "Be in this group too.", "--group-add")
        .value("PROGRAM", "Instead of the image's ENTRYPOINT; drops its CMD.", "--entrypoint");
    VolumeOptions.addTo(syntax)
        .values("CONTAINER[:ro]", "Mount what a kept container has mounted.", "--volumes-from")
        .flag("Let it write to nothing but its mounts.", "--read-only")
        .value("MODE", "host or none.", "--network", "--net")
        .values(
            "[HOST-PORT:]PORT",
            "Say which port of this machine a port of the container is.",
            "-p",
            "--publish")
        .flag("Say so of all ports that the image exposes.", "-P", "--publish-all")
        .values("PORT", "A port that -P says too.", "--expose")
        .value("NAME", "Its host name (default: jbuild).", "-h", "--hostname")
        .values("NAME:IP", "A line of /etc/hosts; IP may be host-gateway.", "--add-host")
        .value("BYTES", "The size of /dev/shm: 256m.", "--shm-size")
        .values("TYPE=SOFT[:HARD]", "A resource limit: nofile=1024:4096.", "--ulimit");
    return SandboxOption.addTo(CapabilityOptions.addTo(QuotaOptions.addTo(syntax)));
  }

  /// @param command what stands behind the image
  static RunRequest read(Options options, List<String> command, Session session, Store store)
      throws IOException {
    var network = network(options);
    if (network == Network.NONE
        && (options.has("--publish-all") || !options.values("--publish").isEmpty())) {
      throw Options.usage("with --network none no port of the container can be reached");
    }
    return new RunRequest(
        command,
        options.value("--entrypoint"),
        variables(options, session),
        options.value("--user"),
        options.values("--group-add"),
        options.value("--workdir").map(RunOptions::directory),
        network,
        options.value("--hostname").map(RunOptions::hostname),
        options.values("--add-host").stream().map(StepOptions::host).toList(),
        VolumeOptions.read(options, session.console()::message),
        volumesFrom(options, store),
        new Allowance(
            options.has("--privileged"),
            StepOptions.sharedMemory(options.value("--shm-size")),
            StepOptions.limits(options.values("--ulimit")),
            QuotaOptions.read(options),
            CapabilityOptions.read(options),
            options.has("--read-only")),
        SandboxOption.read(options, session.environment()));
  }

  private static List<RunRequest.VolumesFrom> volumesFrom(Options options, Store store)
      throws IOException {
    var all = new ArrayList<RunRequest.VolumesFrom>();
    for (var text : options.values("--volumes-from")) {
      int colon = text.indexOf(':');
      var mode = colon < 0 ? "rw" : text.substring(colon + 1);
      if (!Set.of("ro", "rw").contains(mode)) {
        throw Options.usage("--volumes-from cannot be " + Printable.of(text))
            .hint("write it as CONTAINER or CONTAINER:ro");
      }
      var name = colon < 0 ? text : text.substring(0, colon);
      var state = new KeptStates(store).named(name);
      if (state.kind() != KeptState.Kind.CONTAINER) {
        throw Options.usage("--volumes-from takes a container, and " + name + " is a step");
      }
      all.add(new RunRequest.VolumesFrom(state, mode.equals("ro")));
    }
    return all;
  }

  private static String directory(String text) {
    if (!text.startsWith("/")) {
      throw Options.usage("-w needs an absolute path in the container, not " + Printable.of(text));
    }
    return text;
  }

  private static String hostname(String text) {
    if (!HOST_NAME.matcher(text).matches()) {
      throw Options.usage("--hostname cannot be " + Printable.of(text));
    }
    return text;
  }

  private static Network network(Options options) {
    var text = options.value("--network").orElse("host");
    return switch (text) {
      case "host", "default" -> Network.HOST;
      case "none" -> Network.NONE;
      default ->
          throw Options.usage("--network takes host or none, not " + Printable.of(text))
              .hint("jbuild makes no networks: a container has that of this machine, or none");
    };
  }

  private static SortedMap<String, String> variables(Options options, Session session) {
    var environment = session.environment();
    var values = new TreeMap<String, String>();
    for (var file : options.values("--env-file")) {
      EnvFile.read(file, environment, values);
    }
    for (var each : options.values("--env")) {
      int equals = each.indexOf('=');
      if (equals == 0 || each.isEmpty()) {
        throw Options.usage("-e takes NAME=VALUE or NAME");
      }
      if (equals > 0) {
        values.put(each.substring(0, equals), each.substring(equals + 1));
      } else if (environment.containsKey(each)) {
        values.put(each, environment.getOrDefault(each, ""));
      }
    }
    return values;
  }

  /// What there is to say about ports.
  ///
  /// @param exposed by the image
  static List<PublishedPorts.Notice> ports(Options options, Iterable<String> exposed) {
    var notices = new ArrayList<>(PublishedPorts.of(options.values("--publish")));
    if (options.has("--publish-all")) {
      var all = new TreeSet<String>();
      exposed.forEach(all::add);
      all.addAll(options.values("--expose"));
      notices.addAll(PublishedPorts.ofAll(all));
    }
    return notices;
  }

  /// The signal that ends it: that of the option, else the image's, else SIGTERM.
  static int stopSignal(Options options, @Nullable String ofImage) {
    var option = options.value("--stop-signal");
    if (option.isPresent()) {
      return SignalNumbers.find(option.get())
          .orElseThrow(
              () ->
                  Options.usage(
                      "--stop-signal: " + Printable.of(option.get()) + " is not a signal"));
    }
    return Optional.ofNullable(ofImage)
        .flatMap(SignalNumbers::find)
        .orElse(SignalNumbers.TERMINATE);
  }
}
