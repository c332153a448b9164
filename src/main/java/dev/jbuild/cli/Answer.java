package dev.jbuild.cli;

import dev.jbuild.build.BuildResult;
import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Progress;
import dev.jbuild.context.Evidence;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Digest;
import dev.jbuild.image.Reference;
import dev.jbuild.linux.Machine;
import dev.jbuild.linux.OwnLibraries;
import dev.jbuild.linux.SmallFile;
import dev.jbuild.store.Store;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What the same build would say once more if nothing changed, kept in the store. The launcher says
/// it, without Java, as long as all is unchanged by which a build can come to something else
/// (docs/decisions/0019-answers.md).
///
/// It listens to a build, and knows all that was told when that is over.
final class Answer implements Progress {

  /// The variable by which the launcher tells where it looks for one.
  static final String PLACE = "JBUILD_ANSWER";

  /// What the launcher knows the format by.
  private static final String FORMAT = "jbuild answer 1";

  /// It is good for so long, in seconds: uses of steps are noted about as often.
  private static final long GOOD_FOR = 3600;

  /// With other options there are other results than an image in the store, or other inputs than
  /// files and the variables below.
  private static final Set<String> HARMLESS =
      Set.of(
          "--root",
          "-t",
          "--tag",
          "-f",
          "--file",
          "--target",
          "--build-arg",
          "--label",
          "--jobs",
          "--progress",
          "-q",
          "--quiet",
          "--load");

  private static final Set<String> PROGRESS = Set.of("auto", "tty", "plain", "quiet");

  /// What it asks of the environment with these options.
  private static final List<String> VARIABLES =
      List.of("SOURCE_DATE_EPOCH", "DOCKER_DEFAULT_PLATFORM", "JBUILD_SANDBOX");

  private static final int STANDARD_ERROR = 2;

  /// Stands where the time will be that it took to find out that nothing changed.
  private static final String TIME = "\u0001";

  private static final Path UPTIME = Path.of("/proc/uptime");
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  private final Path place;
  private final Options options;
  private final Session session;
  private final Progress view;
  private final List<BuildEvent> told = new ArrayList<>();
  private boolean isPlain = true;

  private Answer(Path place, Options options, Session session, Progress view) {
    this.place = place;
    this.options = options;
    this.session = session;
    this.view = view;
  }

  /// Listens to what a build tells `view`, if the launcher wants an answer and there can be one.
  static Optional<Answer> listen(Options options, Session session, Progress view) {
    var place = session.environment().getOrDefault(PLACE, "");
    if (place.isEmpty() || !options.areOnly(HARMLESS) || hasMore(options)) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Answer(Path.of(place), options, session, view));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static boolean hasMore(Options options) {
    return !PROGRESS.contains(options.value("--progress").orElse("auto"))
        || options.values("--build-arg").stream().anyMatch(argument -> !argument.contains("="));
  }

  @Override
  public synchronized void on(BuildEvent event) {
    view.on(event);
    switch (event) {
      case BuildEvent.Finished(var step, var outcome, _, var note) -> {
        switch (outcome) {
          case DONE, CACHED ->
              told.add(new BuildEvent.Finished(step, BuildEvent.Outcome.CACHED, Duration.ZERO, ""));
          case IN_STORE ->
              told.add(
                  new BuildEvent.Finished(step, BuildEvent.Outcome.IN_STORE, Duration.ZERO, note));
          case THERE, MOUNTED, FAILED, CANCELLED -> isPlain = false;
        }
        isPlain &= outcome != BuildEvent.Outcome.IN_STORE || note.isEmpty();
      }
      case BuildEvent.Warning _ -> told.add(event);
      case BuildEvent.Moved _ -> isPlain = false; // something came from elsewhere
      case BuildEvent.Started _,
          BuildEvent.Output _,
          BuildEvent.Looked _,
          BuildEvent.Waiting _ -> {}
    }
  }

  @Override
  public void hold() {
    view.hold();
  }

  @Override
  public void release() {
    view.release();
  }

  @Override
  public void close() {
    view.close();
  }

  /// Keeps the answer, if there is to be one; else that of an earlier build goes. That it cannot be
  /// kept is no failure of the build.
  ///
  /// @param isAlone whether nothing outside of this machine was asked
  void keep(
      Store store, BuildInput input, BuildResult result, List<Reference> tags, boolean isAlone) {
    var name = String.valueOf(place.getFileName());
    try {
      if (!store.answers().isHere(place)) {
        return;
      }
      boolean may = isAlone && isWhole(result) && !session.console().hasWarned();
      if (!may || !put(name, store, input, result, tags)) {
        store.answers().remove(name);
      }
    } catch (IOException | BuildFailure e) {
      // the next build looks for itself
    }
  }

  private boolean put(
      String name, Store store, BuildInput input, BuildResult result, List<Reference> tags)
      throws IOException {
    var names =
        store.references().texts(result.image(), tags.stream().map(Reference::full).toList());
    var evidence = input.evidence();
    if (names.isEmpty() || evidence.isEmpty() || !hasOwn(evidence.get(), store, result)) {
      return false;
    }
    var lines = new ArrayList<String>();
    lines.add(SmallFile.text(BOOT).strip());
    lines.add(String.valueOf(uptime() + GOOD_FOR));
    lines.add(terminal());
    lines.add(variables());
    lines.add(options.arguments().getFirst());
    lines.add(String.valueOf(names.get().size()));
    lines.addAll(names.get());
    lines.addAll(said(result, tags));
    if (lines.stream().anyMatch(line -> line.indexOf('\n') >= 0)) {
      return false;
    }
    store.answers().put(name, evidence.get().paths(), evidence.get().stats(), FORMAT, lines);
    return true;
  }

  /// Whether all that was told was of steps and bases, and nothing ended badly.
  private synchronized boolean isWhole(BuildResult result) {
    long steps =
        told.stream()
            .filter(BuildEvent.Finished.class::isInstance)
            .filter(event -> ((BuildEvent.Finished) event).outcome() == BuildEvent.Outcome.CACHED)
            .count();
    return isPlain && steps == result.steps();
  }

  /// Adds jbuild itself and what the store has of the build.
  private static boolean hasOwn(Evidence evidence, Store store, BuildResult result)
      throws IOException {
    var lib = OwnLibraries.place();
    if (lib.isPresent()) {
      evidence.add(lib.get().resolve("jbuild.jar"));
      evidence.add(lib.get().resolveSibling("bin").resolve("jbuild"));
    }
    var records = new TreeSet<Digest>();
    result.records().forEach(record -> records.addAll(record.keys()));
    var blobs = new TreeSet<>(List.of(result.image().digest(), result.config().digest()));
    for (var file : store.answers().files(records, blobs)) {
      evidence.addOwn(file);
    }
    return evidence.isGood();
  }

  private static long uptime() throws IOException {
    var text = SmallFile.text(UPTIME);
    return Long.parseLong(text.substring(0, text.indexOf('.')));
  }

  /// What the launcher sees of the terminal.
  private String terminal() {
    var environment = session.environment();
    boolean hasColours = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return Machine.isTerminal(STANDARD_ERROR)
        ? environment.getOrDefault("TERM", "") + (hasColours ? "" : " no")
        : "";
  }

  private String variables() {
    var text = new StringBuilder();
    for (var name : VARIABLES) {
      text.append(session.environment().getOrDefault(name, "")).append('|');
    }
    return text.append(OwnLibraries.place().map(Path::toString).orElse("")).toString();
  }

  /// All that the build would print, with a letter before each line: `o` on standard output, `e` on
  /// standard error; `t` for a line of which the time is missing, and the rest in the next.
  private List<String> said(BuildResult result, List<Reference> tags) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var console = session.console().elsewhere(out, err);
    var elsewhere = new Session(console, session.environment(), options);
    try (var again = Transferring.progress(options, elsewhere)) {
      synchronized (this) {
        told.forEach(again::on);
      }
    }
    BuildCommand.report(options, elsewhere, tags, result.again(), TIME);
    console.flush();
    var lines = new ArrayList<String>();
    out.toString(StandardCharsets.UTF_8).lines().map(line -> "o" + line).forEach(lines::add);
    for (var line : (Iterable<String>) err.toString(StandardCharsets.UTF_8).lines()::iterator) {
      int time = line.indexOf(TIME);
      if (time < 0) {
        lines.add("e" + line);
      } else {
        lines.add("t" + line.substring(0, time));
        lines.add(line.substring(time + TIME.length()));
      }
    }
    return lines;
  }
}
