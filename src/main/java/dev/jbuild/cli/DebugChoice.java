package dev.jbuild.cli;

import dev.jbuild.build.DebugHistory;
import dev.jbuild.build.DebugTarget;
import dev.jbuild.build.KeptStep;
import dev.jbuild.build.KeptSteps;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import dev.jbuild.store.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Which step `jbuild debug [BUILD] [STEP]` means.
///
/// Without words: the step that failed last. One word of hex digits may be (the beginning of) the
/// ID of a kept step or of a build; the others are a step as progress calls it, `build 3`, or its
/// number alone where that is not ambiguous.
final class DebugChoice {

  private static final String ID = "[0-9a-f]{4,64}";

  private final Store store;
  private final List<KeptStep> kept;
  private final List<DebugHistory.Build> builds;

  DebugChoice(Store store) throws IOException {
    this.store = store;
    this.kept = new KeptSteps(store).list();
    this.builds = new DebugHistory(store).list();
  }

  List<KeptStep> kept() {
    return kept;
  }

  List<DebugHistory.Build> builds() {
    return builds;
  }

  /// What was chosen.
  ///
  /// @param failed the step if it is a failed one that is kept; else `done`
  private record Chosen(Optional<KeptStep> failed, Optional<DebugHistory.Step> done) {
    static Chosen of(KeptStep step) {
      return new Chosen(Optional.of(step), Optional.empty());
    }
  }

  /// The step, a failed one held for this process alone.
  DebugTarget target(List<String> words) throws IOException {
    var chosen = choose(words);
    if (chosen.done().isPresent()) {
      return chosen.done().get().target();
    }
    var step = chosen.failed().orElseThrow();
    var hold = store.kept().tryHold(step.entry());
    if (hold.isEmpty()) {
      throw BuildFailure.of(BuildFailure.Kind.STORE, "another jbuild is in this step")
          .hint("leave it there first");
    }
    return DebugTarget.of(step, hold.get());
  }

  /// The log of the step: the build it belongs to, and its name there.
  Log log(List<String> words) throws IOException {
    if (words.isEmpty() && !builds.isEmpty() && builds.getFirst().failed().isPresent()) {
      return new Log(builds.getFirst().key(), builds.getFirst().failed().get().log());
    }
    var chosen = choose(words);
    if (chosen.failed().isPresent()) {
      return new Log(chosen.failed().get().build(), chosen.failed().get().log());
    }
    var step = chosen.done().orElseThrow();
    if (step.log().isEmpty()) {
      throw Options.usage(Printable.of(step.title()) + " has no log: it is no RUN");
    }
    return new Log(build(words).orElseThrow().key(), step.log().get());
  }

  /// @param name of the log
  record Log(Digest build, Digest name) {}

  private Chosen choose(List<String> words) {
    if (words.isEmpty()) {
      if (kept.isEmpty()) {
        throw Options.usage("no failed step is kept")
            .hint("jbuild debug STEP goes into a step of the last build; --list shows them");
      }
      return Chosen.of(kept.getFirst());
    }
    var first = words.getFirst();
    if (words.size() == 1 && first.matches(ID)) {
      var found = kept.stream().filter(step -> step.entry().id().startsWith(first)).toList();
      if (found.size() == 1) {
        return Chosen.of(found.getFirst());
      }
    }
    var build = build(words);
    if (build.isEmpty()) {
      throw Options.usage("no build is known").hint("build something first");
    }
    var name = String.join(" ", isBuild(first) ? words.subList(1, words.size()) : words);
    return choose(build.get(), name);
  }

  private boolean isBuild(String word) {
    return word.matches(ID) && builds.stream().anyMatch(each -> isCalled(each, word));
  }

  private static boolean isCalled(DebugHistory.Build build, String word) {
    return build.key().hex().startsWith(word);
  }

  private Optional<DebugHistory.Build> build(List<String> words) {
    boolean isNamed = !words.isEmpty() && isBuild(words.getFirst());
    return builds.stream().filter(each -> !isNamed || isCalled(each, words.getFirst())).findFirst();
  }

  private Chosen choose(DebugHistory.Build build, String name) {
    var failed =
        kept.stream()
            .filter(step -> step.build().equals(build.key()))
            .filter(step -> name.isEmpty() || isCalled(step.title(), name))
            .findFirst();
    if (failed.isPresent() && build.failed().isPresent()) {
      return Chosen.of(failed.get());
    }
    if (name.isEmpty()) {
      throw Options.usage("no failed step of this build is kept")
          .hint("say which step you mean; jbuild debug --list shows them");
    }
    var found = build.steps().stream().filter(step -> isCalled(step.title(), name)).toList();
    if (found.size() == 1) {
      return new Chosen(Optional.empty(), Optional.of(found.getFirst()));
    }
    var titles = new ArrayList<String>();
    (found.isEmpty() ? build.steps() : found).forEach(step -> titles.add(step.title()));
    throw Options.usage(
            (found.isEmpty() ? "the last build has no step " : "several steps are called ")
                + Printable.of(name))
        .hint(
            titles.isEmpty()
                ? "jbuild debug --list shows what is known"
                : "it is one of: " + Printable.of(String.join(", ", titles)));
  }

  /// `build 3`, or its number alone.
  private static boolean isCalled(String title, String name) {
    var wanted = name.toLowerCase(Locale.ROOT);
    return title.toLowerCase(Locale.ROOT).equals(wanted) || title.endsWith(" " + wanted);
  }
}
