package dev.jbuild.cli;

import dev.jbuild.build.BuildRequest;
import dev.jbuild.build.BuildResult;
import dev.jbuild.build.Builder;
import dev.jbuild.build.BuiltImage;
import dev.jbuild.build.PullPolicy;
import dev.jbuild.build.Remotes;
import dev.jbuild.build.Rescuer;
import dev.jbuild.build.StepSettings;
import dev.jbuild.console.Console;
import dev.jbuild.console.ProgressGate;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.registry.Credential;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// `jbuild [build]`.
final class BuildCommand implements Command {

  private static final int FEWEST_JOBS = 4;
  private static final String EPOCH = "SOURCE_DATE_EPOCH";

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "build",
                "[OPTIONS] CONTEXT",
                "Build an image from a Dockerfile. CONTEXT is a directory, a tar, or the address of"
                    + " a tar or a git repository; - reads a tar, or a Dockerfile alone, from"
                    + " standard input.",
                "  jbuild -t hello:1 .")
            .values("NAME[:TAG]", "A name for the image; again for more.", "-t", "--tag")
            .value(
                "FILE",
                "The Dockerfile, in the context if that is no directory; - reads it from standard"
                    + " input; or its address.",
                "-f",
                "--file")
            .values(
                "NAME=SOURCE",
                "Files or an image for FROM, COPY --from and mounts: a directory, a tar, an"
                    + " address, docker-image://NAME or oci-layout://DIR.",
                "--build-context")
            .value("STAGE", "Build up to this stage.", "--target")
            .values(
                "NAME[=VALUE]",
                "A value for an ARG; from the environment without =.",
                "--build-arg")
            .values("KEY=VALUE", "A label for the image.", "--label")
            .values(
                "LEVEL:KEY=VALUE",
                "An annotation of the manifest; LEVEL is manifest, index, manifest-descriptor or"
                    + " index-descriptor, also manifest[linux/amd64].",
                "--annotation")
            .values(
                "OS/ARCH[/VARIANT]",
                "What the image is for; several, with commas or again, make an index.",
                "--platform")
            .values(
                "type=TYPE,dest=FILE",
                "Also write the image: type oci, docker, tar or local.",
                "-o",
                "--output")
            .value("FILE", "Write the image ID to FILE.", "--iidfile")
            .value("FILE", "Write digests and names to FILE, as JSON.", "--metadata-file")
            .values(
                "REF|type=TYPE,…",
                "Look for steps in a shared cache too: a name in a registry, or"
                    + " type=registry,ref=REF or type=local,src=DIR; again for more, asked in this"
                    + " order.",
                "--cache-from")
            .values(
                "REF|type=TYPE,…",
                "Share the cache of this build: type=registry,ref=REF, type=local,dest=DIR or"
                    + " type=inline; mode=max for the layers of all stages.",
                "--cache-to")
            .flag("Make every step anew.", "--no-cache")
            .values("STAGE,…", "Make every step of these stages anew.", "--no-cache-filter")
            .value(
                "N",
                "So many steps at once (default: the larger of 4 and the processors).",
                "--jobs")
            .flag(
                "Clamp times to those of the base although SOURCE_DATE_EPOCH is not set.",
                "--reproducible")
            .flag("Make one layer of all that is above the base image.", "--squash")
            .value(
                "MODE",
                "auto, tty, plain or quiet; json or rawjson (docker's form) for programs.",
                "--progress")
            .flag("Print the image ID only.", "-q", "--quiet")
            .optional(
                "WHEN",
                "always",
                "Ask registries for base images: always (without =), missing (the default), newer"
                    + " or never.",
                "--pull")
            .flag("Push the image to the registries that its names say.", "--push")
            .flag("Accepted: the image is always in the store.", "--load")
            .value(
                "WHAT",
                "When a RUN fails: stop (the default), or shell, which opens one in the step and"
                    + " goes on if the instruction succeeds there.",
                "--on-error")
            .flag("Build nothing; say what jbuild lint finds.", "--check")
            .value(
                "METHOD",
                "build (the default); or build nothing and answer: check (the same as --check),"
                    + " outline (what the target can be given) or targets (which there are); with"
                    + " ,format=json as JSON.",
                "--call")
            .arguments("CONTEXT", "1");
    StepOptions.addTo(syntax);
    Refused.addTo(syntax);
    RegistryAccess.addMirrors(syntax);
    return RegistryAccess.addTo(
        syntax, "Who you are to the registry that the image is pushed to or named after.");
  }

  /// With options of kaniko's it is kaniko's command line.
  @Override
  public Command narrowed(List<String> words) {
    return KanikoCommand.isMeant(words) ? new KanikoCommand() : this;
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Transferring.tellProgram(options, session);
    Refused.check(options);
    var call = Call.of(options);
    if (!call.isBuild()) {
      return call.run(options, session);
    }
    long since = System.nanoTime();
    var tags = options.values("--tag").stream().map(Names::tag).toList();
    var outputs = Outputs.parse(outputs(options), tags);
    var caches = Caches.parse(options);
    checkFiles(options);
    boolean onError = ShellOnError.isWanted(options);
    var steps = StepOptions.read(options, session);
    SandboxOption.warn(steps.sandbox(), session);
    try (var store = session.openStore();
        var remotes = Remotes.open(store, session.environment(), steps.secrets());
        var registries =
            RegistryAccess.open(
                options, session, logins(options, tags, outputs, caches), caches.insecure());
        var _ = store.remote().connect(blobs -> session.fetch(store, registries, blobs));
        var input = BuildInput.open(options, store, remotes, notices(options, session))) {
      var request = request(options, session, input, tags, steps, outputs, caches);
      Annotations.check(
          "--annotation", request.annotations(), request.platforms(), request.index());
      outputs.check(request);
      outputs.check(registries);
      Frontend.note(input.dockerfile(), request.plan().buildArgs())
          .ifPresent(session.console()::warning);
      BuildResult result;
      var view = Transferring.progress(options, session);
      var answer = Answer.listen(options, session, view);
      try (var progress = new ProgressGate(answer.isPresent() ? answer.get() : view)) {
        var rescuer =
            onError
                ? new ShellOnError(progress, session.console(), steps, session.environment())
                : Rescuer.NONE;
        result =
            new Builder(store, remotes, registries, InstantSource.system())
                .build(request, progress, rescuer);
      } catch (BuildFailure e) {
        throw session.inThisStore(e);
      } catch (InterruptedIOException e) {
        throw new InterruptedException(e.getMessage());
      } catch (IOException e) {
        throw store.explain(e); // the context's own failures are told where they happen
      } finally {
        input.finish();
      }
      input.warnings().forEach(session.console()::warning);
      var registry =
          new Outputs.Registry(registries, () -> Transferring.progress(options, session));
      var written = outputs.write(store, request, result, session.console(), registry);
      files(options, tags, result, written);
      caches.to().write(store, result, session.console(), registry);
      report(options, session, tags, result, since);
      if (answer.isPresent()) {
        boolean isAlone = !remotes.wereAsked() && !registries.wereAsked();
        answer.get().keep(store, input, result, tags, isAlone);
      }
      return 0;
    }
  }

  /// A Dockerfile is somebody else's and may name any host: the credentials go to the registry that
  /// the command line names, and to no other.
  private static Map<String, Credential> logins(
      Options options, List<Reference> tags, Outputs outputs, Caches caches) {
    var hosts = outputs.registries();
    hosts.addAll(caches.registries());
    if (hosts.isEmpty()) {
      tags.stream()
          .map(Reference::domain)
          .filter(host -> !host.equals(RegistryAccess.HUB))
          .forEach(hosts::add);
    }
    return RegistryAccess.logins(options, hosts);
  }

  private static BuildRequest request(
      Options options,
      Session session,
      BuildInput input,
      List<Reference> tags,
      StepSettings steps,
      Outputs outputs,
      Caches caches) {
    var environment = session.environment();
    var plan =
        new PlanRequest(
            input.dockerfile(),
            buildArgs(options.values("--build-arg"), environment),
            options.value("--target"),
            Optional.empty(),
            Platform.host(),
            pairs("--label", options.values("--label")),
            input.named());
    return new BuildRequest(
        plan,
        Platforms.of(options, environment),
        Platforms.wantsIndex(plan.buildArgs()),
        Annotations.of(options.values("--annotation")),
        input.tree(),
        input.trees(),
        input.images(),
        input.times(),
        input.name(),
        tags,
        options.has("--no-cache"),
        StepOptions.noCacheStages(options),
        options.has("--reproducible"),
        options.has("--squash"),
        options.number(
            "--jobs", 1, Math.max(FEWEST_JOBS, Runtime.getRuntime().availableProcessors())),
        caches.from().places(),
        caches.to().isInline(),
        steps,
        pullPolicy(options),
        outputs.areRegistriesOnly());
  }

  /// `--push` is short for an output of its own.
  private static List<String> outputs(Options options) {
    var outputs = new ArrayList<>(options.values("--output"));
    if (options.has("--push")) {
      outputs.add("type=registry");
    }
    return outputs;
  }

  /// `true` and `false` are what docker's option means as well.
  private static PullPolicy pullPolicy(Options options) {
    return switch (options.value("--pull").orElse("missing")) {
      case "always", "true" -> PullPolicy.ALWAYS;
      case "missing", "false" -> PullPolicy.MISSING;
      case "newer", "ifnewer" -> PullPolicy.NEWER;
      case "never" -> PullPolicy.NEVER;
      default -> throw Options.usage("--pull takes always, missing, newer or never");
    };
  }

  /// `NAME` alone takes the value of the environment, or nothing if there is none.
  /// SOURCE_DATE_EPOCH of the environment is one too unless it is given, as with docker.
  static SortedMap<String, String> buildArgs(List<String> given, Map<String, String> environment) {
    var values = givenArgs(given, environment);
    var epoch = environment.getOrDefault(EPOCH, "");
    if (!epoch.isEmpty()) {
      values.putIfAbsent(EPOCH, epoch);
    }
    return values;
  }

  /// Those of `--build-arg` alone; one without a value has that of the environment.
  static SortedMap<String, String> givenArgs(List<String> given, Map<String, String> environment) {
    var values = new TreeMap<String, String>();
    for (var each : given) {
      int equals = each.indexOf('=');
      var name = equals < 0 ? each : each.substring(0, equals);
      if (name.isEmpty()) {
        throw Options.usage("--build-arg needs a name: " + Printable.of(each));
      }
      var value = equals < 0 ? environment.get(name) : each.substring(equals + 1);
      if (value != null) {
        values.put(name, value);
      }
    }
    return values;
  }

  private static SortedMap<String, String> pairs(String option, List<String> given) {
    var pairs = new TreeMap<String, String>();
    for (var each : given) {
      int equals = each.indexOf('=');
      var name = equals < 0 ? each : each.substring(0, equals);
      if (name.isEmpty()) {
        throw Options.usage(option + " needs a key: " + Printable.of(each));
      }
      pairs.put(name, equals < 0 ? "" : each.substring(equals + 1));
    }
    return pairs;
  }

  static Consumer<String> notices(Options options, Session session) {
    return Transferring.isQuiet(options, session) ? _ -> {} : session.console()::message;
  }

  /// That there is no place for a file is told before a build that may take long.
  private static void checkFiles(Options options) {
    for (var option : List.of("--iidfile", "--metadata-file")) {
      if (options.value(option).isEmpty()) {
        continue;
      }
      var file = Path.of(options.value(option).get()).toAbsolutePath();
      var parent = file.getParent();
      if (Files.isDirectory(file)) {
        throw Options.usage(option + " " + Printable.of(file.toString()) + " is a directory");
      }
      if (parent != null && !Files.isDirectory(parent)) {
        throw Options.usage(option + ": there is no directory " + Printable.of(parent.toString()));
      }
    }
  }

  private static void files(
      Options options, List<Reference> tags, BuildResult result, Outputs.Written written)
      throws IOException {
    if (options.value("--iidfile").isPresent()) {
      ResultFile.write(options.value("--iidfile").get(), result.imageId().toString());
    }
    if (options.value("--metadata-file").isPresent()) {
      ResultFile.write(
          options.value("--metadata-file").get(), Metadata.json(tags, result, written));
    }
  }

  private static void report(
      Options options, Session session, List<Reference> tags, BuildResult result, long since) {
    var took = Duration.ofNanos(System.nanoTime() - since);
    if (Transferring.isJson(options, session)) {
      session.console().line(new JsonMessages().built(tags, result, took));
    } else {
      report(options, session, tags, result, Console.time(took));
    }
  }

  /// Tells a person what was built.
  ///
  /// @param took how long it took, in words
  static void report(
      Options options, Session session, List<Reference> tags, BuildResult result, String took) {
    var console = session.console();
    if (Transferring.isQuiet(options, session)) {
      console.result(result.imageId().toString());
      return;
    }
    var name = tags.isEmpty() ? "image" : tags.getFirst().familiar();
    var line =
        Printable.of(name)
            + ("  sha256:" + result.imageId().shortHex() + "  ")
            + (result.isIndex() ? count(result.images().size(), "platform") + ", " : "")
            + (count(result.layers(), "layer") + ", " + Console.size(result.size()))
            + (" (" + result.newLayers() + " new, " + Console.size(result.newSize()) + ")")
            + ("  in " + took)
            + (", " + result.cachedSteps() + " of " + result.steps() + " steps cached");
    console.message(line);
    if (result.isIndex()) {
      result.images().forEach(image -> console.message("  " + part(image)));
    }
    if (result.cachedSteps() > 0 || result.steps() > 0) {
      result.rebuiltFrom().ifPresent(why -> console.message("rebuilt from " + why));
    }
  }

  private static String count(int number, String what) {
    return number + " " + what + (number == 1 ? "" : "s");
  }

  /// One of the images of an index.
  private static String part(BuiltImage image) {
    return "%s  sha256:%s  %s, %s"
        .formatted(
            image.platform(),
            image.imageId().shortHex(),
            count(image.config().diffIds().size(), "layer"),
            Console.size(image.size()));
  }
}
