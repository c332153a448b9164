package dev.jbuild.cli;

import dev.jbuild.build.ContextPlace;
import dev.jbuild.build.Linter;
import dev.jbuild.build.Remotes;
import dev.jbuild.context.IgnoreRules;
import dev.jbuild.context.LocalContext;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Reading;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.NamedContext;
import dev.jbuild.plan.PlanRequest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A Dockerfile that is looked at and not built.
///
/// @param reading what could be read of it
/// @param file where it lies, if it is a file of this machine
/// @param ignored what its context leaves out, as far as that is known
record DockerfileInput(Reading reading, Optional<Path> file, IgnoreRules ignored) {

  private static final String IMAGE = "docker-image://";

  private DockerfileInput(Source source, Optional<Path> file, IgnoreRules ignored) {
    this(Dockerfile.read(source), file, ignored);
  }

  /// A question to a linter.
  interface Question<T> {
    T ask(Linter linter) throws IOException;
  }

  /// The one that a build with these options has. A directory that has it needs neither store nor
  /// network for that; the ignore file of any other context is not asked.
  static DockerfileInput ofBuild(Options options, Session session)
      throws IOException, InterruptedException {
    var place = ContextPlace.parse(options.argument("a context, as in: jbuild --check ."));
    boolean elsewhere = options.value("--file").filter(ContextPlace::isWeb).isPresent();
    if (place instanceof ContextPlace.Directory && !elsewhere) {
      return of(options);
    }
    var ignored =
        place instanceof ContextPlace.Directory(var path)
            ? ignored(path, Optional.empty())
            : IgnoreRules.NONE;
    var secrets = StepOptions.read(options, session).secrets();
    try (var store = session.openStore();
        var remotes = Remotes.open(store, session.environment(), secrets)) {
      var notices = BuildCommand.notices(options, session);
      return new DockerfileInput(
          BuildInput.dockerfile(options, store, remotes, notices), Optional.empty(), ignored);
    }
  }

  /// The one that the arguments name: a directory that has one, a file, or standard input.
  static DockerfileInput of(Options options) throws IOException {
    var file = options.value("--file");
    var argument = options.arguments().isEmpty() ? "." : options.argument("a Dockerfile");
    if (argument.equals("-") || file.filter("-"::equals).isPresent()) {
      return new DockerfileInput(DockerfileText.stdin(), Optional.empty(), IgnoreRules.NONE);
    }
    file.filter(ContextPlace::isWeb).ifPresent(DockerfileInput::refuse);
    var place = Path.of(argument);
    if (Files.isDirectory(place)) {
      var path = DockerfileText.locate(place, file);
      return read(
          path, file.or(() -> path.map(DockerfileInput::shown)), place, ignored(place, path));
    }
    if (argument.contains("://") && !Files.exists(place)) {
      refuse(argument);
    }
    if (file.isPresent()) {
      throw Options.usage(
              "there are two Dockerfiles, " + Printable.of(argument) + " and that of -f")
          .hint("leave one out, or give a directory beside -f");
    }
    return read(Optional.of(place), Optional.of(argument), place, IgnoreRules.NONE);
  }

  private static void refuse(String address) {
    throw Options.usage("lint takes a directory or a file, not " + Printable.of(address))
        .hint("jbuild build --check looks into what lies elsewhere");
  }

  private static DockerfileInput read(
      Optional<Path> path, Optional<String> shown, Path place, IgnoreRules ignored)
      throws IOException {
    return new DockerfileInput(DockerfileText.read(path, shown, place), path, ignored);
  }

  /// A path that leads there from the working directory.
  private static String shown(Path path) {
    return path.normalize().toString();
  }

  private static IgnoreRules ignored(Path directory, Optional<Path> dockerfile) throws IOException {
    var nowhere = directory.resolve(".jbuild-no-stat-cache"); // no file's content is looked at
    try (var context = LocalContext.open(directory, dockerfile, nowhere, Optional.empty())) {
      return context.rules();
    }
  }

  Dockerfile dockerfile() {
    return reading.dockerfile();
  }

  /// Of a Dockerfile with a mistake all that stands above it is looked at: the target may be below.
  PlanRequest request(Options options, Session session) {
    return new PlanRequest(
        dockerfile(),
        BuildCommand.buildArgs(options.values("--build-arg"), session.environment()),
        options.value("--target").filter(_ -> reading.mistake().isEmpty()),
        Optional.empty(),
        Platform.host(),
        new TreeMap<>(),
        contexts(options.values("--build-context")));
  }

  /// What stands in for stages and images; nothing of it is opened.
  private static Map<String, NamedContext> contexts(List<String> given) {
    var contexts = new HashMap<String, NamedContext>();
    for (var each : given) {
      int equals = each.indexOf('=');
      if (equals <= 0) {
        throw Options.usage("--build-context takes NAME=VALUE, not " + Printable.of(each));
      }
      contexts.put(each.substring(0, equals), context(each.substring(equals + 1)));
    }
    return contexts;
  }

  private static NamedContext context(String value) {
    if (value.startsWith("oci-layout://")) {
      return new NamedContext.Image(Reference.parse("oci-layout")); // one that nobody knows
    }
    if (value.equals(IMAGE + "scratch")) {
      return new NamedContext.Scratch();
    }
    if (!value.startsWith(IMAGE)) {
      return new NamedContext.Files();
    }
    try {
      return new NamedContext.Image(Reference.parse(value.substring(IMAGE.length())));
    } catch (IllegalArgumentException e) {
      throw Options.usage("--build-context: " + e.getMessage());
    }
  }

  /// Lets a linter answer that knows the base images of the store, if there is one that may be
  /// read; none is made.
  static <T> T ask(Session session, Question<T> question) throws IOException {
    Optional<Store> store;
    try {
      store = session.openExistingStore();
    } catch (BuildFailure e) {
      session.console().warning(e.message());
      store = Optional.empty();
    }
    if (store.isEmpty()) {
      return question.ask(new Linter(Optional.empty()));
    }
    try (var open = store.get()) {
      return question.ask(new Linter(Optional.of(open)));
    } catch (IOException e) {
      throw store.get().explain(e);
    }
  }

  /// The file as code-scanning pages know it: below the working directory, else by its whole path.
  String address() {
    if (file.isEmpty()) {
      return "Dockerfile";
    }
    var place = file.get().toAbsolutePath().normalize();
    var here = Path.of("").toAbsolutePath();
    var uri = place.toUri();
    return place.startsWith(here) ? here.toUri().relativize(uri).toString() : uri.toString();
  }
}
