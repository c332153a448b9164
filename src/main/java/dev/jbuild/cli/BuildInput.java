package dev.jbuild.cli;

import dev.jbuild.build.BuildContext;
import dev.jbuild.build.ContextOpener;
import dev.jbuild.build.ContextPlace;
import dev.jbuild.build.Remotes;
import dev.jbuild.context.Evidence;
import dev.jbuild.context.SourceTree;
import dev.jbuild.dockerfile.Dockerfile;
import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.Reference;
import dev.jbuild.plan.NamedContext;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// What is built: a Dockerfile, its context and the named contexts, wherever they come from.
final class BuildInput implements AutoCloseable {

  /// The build argument by which `.git` stays in a context that is a repository.
  private static final String KEEP_GIT = "BUILDKIT_CONTEXT_KEEP_GIT_DIR=1";

  /// How a person calls the whole context as the source of a COPY.
  private static final Set<String> WHOLE = Set.of(".", "./", "/");

  private final Dockerfile dockerfile;
  private final Optional<Path> here;
  private final BuildContext context;
  private final NamedContexts named;

  private BuildInput(
      Dockerfile dockerfile, Optional<Path> here, BuildContext context, NamedContexts named) {
    this.dockerfile = dockerfile;
    this.here = here;
    this.context = context;
    this.named = named;
  }

  /// Opens what the command line names.
  ///
  /// @param notices is told what is being waited for
  ///
  /// @throws BuildFailure if something of it is not there, or standard input is needed twice
  static BuildInput open(Options options, Store store, Remotes remotes, Consumer<String> notices)
      throws IOException, InterruptedException {
    var place = place(options);
    var opener = new ContextOpener(store, remotes, System.in, notices);
    var file = options.value("--file");
    var here = dockerfileHere(place, file);
    var context = opener.open(place, here);
    try {
      var dockerfile = Dockerfile.parse(source(place, file, here, context, remotes));
      var named = NamedContexts.open(options.values("--build-context"), opener, store);
      if (copiesAll(dockerfile)) {
        context.listAhead();
      }
      return new BuildInput(dockerfile, here, context, named);
    } catch (IOException | InterruptedException | RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /// Whether a COPY of all of the context stands before any RUN. It is a guess that this COPY comes
  /// soon: its stage may not be built, or a base may have to be fetched first.
  private static boolean copiesAll(Dockerfile dockerfile) {
    for (var instruction : dockerfile.instructions()) {
      if (instruction instanceof Instruction.Run) {
        return false;
      }
      if (instruction instanceof Instruction.Copy copy
          && copy.from().isEmpty()
          && copy.excludes().isEmpty()
          && copy.sources().stream().anyMatch(source -> WHOLE.contains(source.text()))) {
        return true;
      }
    }
    return false;
  }

  /// The text of the Dockerfile alone, for what asks for nothing else of a build.
  static Source dockerfile(Options options, Store store, Remotes remotes, Consumer<String> notices)
      throws IOException, InterruptedException {
    var place = place(options);
    var file = options.value("--file");
    var here = dockerfileHere(place, file);
    try (var context = new ContextOpener(store, remotes, System.in, notices).open(place, here)) {
      return source(place, file, here, context, remotes);
    }
  }

  private static ContextPlace place(Options options) {
    var place =
        ContextPlace.parse(options.argument("a context, as in: jbuild -t name ."))
            .keepingGit(options.values("--build-arg").contains(KEEP_GIT));
    if (place instanceof ContextPlace.StandardInput
        && options.value("--file").filter("-"::equals).isPresent()) {
      throw Options.usage("standard input cannot be both the context and the Dockerfile")
          .hint("leave -f away if the context is a tar that holds the Dockerfile");
    }
    return place;
  }

  /// Where the Dockerfile lies, if it is a file of this machine.
  private static Optional<Path> dockerfileHere(ContextPlace place, Optional<String> file) {
    return place instanceof ContextPlace.Directory(var path)
            && file.filter(ContextPlace::isWeb).isEmpty()
        ? DockerfileText.locate(path, file)
        : Optional.empty();
  }

  private static Source source(
      ContextPlace place,
      Optional<String> file,
      Optional<Path> here,
      BuildContext context,
      Remotes remotes)
      throws IOException, InterruptedException {
    var alone = context.dockerfile();
    if (alone.isPresent()) {
      if (file.isPresent() && !isMeantThere(place, file.get())) {
        throw Options.usage(
                "the context is a Dockerfile itself, and -f names another: "
                    + Printable.of(file.get()))
            .hint("leave -f away, or give a context that has files");
      }
      return DockerfileText.source("Dockerfile", alone.get());
    }
    if (file.filter("-"::equals).isPresent()) {
      return DockerfileText.stdin();
    }
    if (file.filter(ContextPlace::isWeb).isPresent()) {
      return DockerfileText.fetch(file.get(), remotes);
    }
    return place instanceof ContextPlace.Directory(var path)
        ? DockerfileText.read(here, file, path)
        : DockerfileText.inTree(context.tree(), file);
  }

  /// Whether `-f` is a path in what a web server has. It means nothing if that is no archive but
  /// the Dockerfile itself, which only its bytes tell; docker passes over it too.
  private static boolean isMeantThere(ContextPlace place, String file) {
    return place instanceof ContextPlace.Web && !file.equals("-") && !ContextPlace.isWeb(file);
  }

  Dockerfile dockerfile() {
    return dockerfile;
  }

  SourceTree tree() {
    return context.tree();
  }

  /// By what it is told later that all of it is unchanged, if that can be told: the Dockerfile and
  /// the context are files here. Of named contexts it tells nothing.
  Optional<Evidence> evidence() throws IOException {
    var evidence = here.isPresent() ? context.evidence() : Optional.<Evidence>empty();
    if (evidence.isPresent()) {
      evidence.get().add(here.get());
      evidence.get().addDirectory(here.get().toAbsolutePath().resolveSibling("."));
    }
    return evidence;
  }

  String name() {
    return context.name();
  }

  /// The times of contexts that have one as a whole, by name; that of the build context is empty.
  Map<String, Long> times() {
    var times = new HashMap<>(named.times());
    context.time().ifPresent(seconds -> times.put("", seconds));
    return times;
  }

  /// For the planner: all named contexts, by their names as given.
  Map<String, NamedContext> named() {
    return named.all();
  }

  /// Those that are trees of files.
  Map<String, SourceTree> trees() {
    return named.trees();
  }

  /// Images that were brought in for this build.
  Map<Reference, Descriptor> images() {
    return named.images();
  }

  /// Keeps what was learned about files, also if the build failed.
  void finish() throws IOException {
    context.finish();
    named.finish();
  }

  List<String> warnings() {
    var warnings = new ArrayList<>(context.warnings());
    warnings.addAll(named.warnings());
    return warnings;
  }

  @Override
  public void close() {
    context.close();
    named.close();
  }
}
