package dev.jbuild.cli;

import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import dev.jbuild.store.PruneOptions;
import dev.jbuild.store.Pruned;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;

/// `jbuild prune`.
final class PruneCommand implements Command {

  private final InputStream answers;

  PruneCommand() {
    this(System.in);
  }

  /// @param answers where the person's answer comes from
  PruneCommand(InputStream answers) {
    this.answers = answers;
  }

  @Override
  public Syntax syntax() {
    return new Syntax(
            "prune",
            "[OPTIONS]",
            "Remove what nothing needs any more: images without a name, and the layers and files"
                + " that neither an image nor the step cache names. The step cache and the caches"
                + " of RUN --mount=type=cache stay unless an option says otherwise; what a running"
                + " jbuild uses stays always.",
            "  jbuild prune --force --filter until=24h --keep-storage 10GB")
        .flag(
            "The step cache, all unpacked layers and all caches of RUN mounts too.", "-a", "--all")
        .flag("Do not ask.", "-f", "--force")
        .values(
            "KEY=VALUE",
            "until=TIME: only what was last used before, also of caches: 24h, 7d, 2026-01-31."
                + " type=exec.cachemount: caches of RUN mounts and nothing else; again with until"
                + " those not used since.",
            "--filter")
        .value(
            "BYTES", "Of the step cache keep so much, what was used last: 10GB.", "--keep-storage")
        .flag("Remove nothing, say what would go.", "--dry-run");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var what = options(options, Clock.systemUTC().instant());
    var console = session.console();
    if (!options.has("--force") && !what.dryRun() && !isAgreed(what, console)) {
      console.result("Total reclaimed space: " + Console.size(0));
      return 0;
    }
    return StoreWork.run(
        session,
        store -> {
          var pruned = store.prune(what);
          counts(pruned).ifPresent(line -> console.message(verb(what) + line));
          console.result(
              (what.dryRun() ? "Total space to reclaim: " : "Total reclaimed space: ")
                  + Console.size(pruned.bytes()));
          return 0;
        });
  }

  private static PruneOptions options(Options options, Instant now) {
    Optional<Instant> until = Optional.empty();
    boolean cacheMountsOnly = false;
    for (var filter : options.values("--filter")) {
      if (filter.equals("type=exec.cachemount")) {
        cacheMountsOnly = true;
        continue;
      }
      if (!filter.startsWith("until=")) {
        throw Options.usage("--filter does not know " + Printable.of(filter))
            .hint("it knows until=, as in until=24h, and type=exec.cachemount");
      }
      until = Optional.of(PointInTime.parse("--filter until=", filter.substring(6), now));
    }
    var keep = options.value("--keep-storage");
    return new PruneOptions(
        options.has("--all"),
        keep.isPresent()
            ? OptionalLong.of(ByteSize.parse("--keep-storage", keep.get()))
            : OptionalLong.empty(),
        until,
        cacheMountsOnly,
        options.has("--dry-run"));
  }

  private boolean isAgreed(PruneOptions what, Console console) throws IOException {
    console.message("WARNING! This will remove:");
    if (what.cacheMountsOnly()) {
      console.message("  - caches of RUN mounts");
      return isYes(console);
    }
    console.message("  - images without a name");
    console.message("  - layers and files that nothing names");
    if (what.all()) {
      console.message(
          "  - the step cache, what is known of builds, unpacked layers, caches of RUN mounts");
      console.message("  - kept containers and failed steps");
    } else if (what.keepStorage().isPresent() || what.until().isPresent()) {
      console.message("  - a part of the step cache");
      if (what.until().isPresent()) {
        console.message("  - caches of RUN mounts that were not used since");
        console.message("  - kept containers and failed steps that were not used since");
      }
    }
    return isYes(console);
  }

  private boolean isYes(Console console) throws IOException {
    console.message("Are you sure you want to continue? [y/N]");
    var answer =
        new BufferedReader(new InputStreamReader(answers, StandardCharsets.UTF_8)).readLine();
    if (answer == null) {
      throw Options.usage("prune asks before it removes, and nobody answers")
          .hint("say --force where nobody can");
    }
    return List.of("y", "yes").contains(answer.strip().toLowerCase(Locale.ROOT));
  }

  private static String verb(PruneOptions what) {
    return what.dryRun() ? "would remove " : "removed ";
  }

  /// `2 images, 14 blobs`; empty if it is nothing.
  private static Optional<String> counts(Pruned pruned) {
    var counts = new ArrayList<String>();
    count(counts, pruned.images().size(), "image");
    count(counts, pruned.blobs().size(), "blob");
    count(counts, pruned.records().size(), "cached step");
    count(counts, pruned.builds().size(), "build record");
    count(counts, pruned.trees().size(), "unpacked layer");
    count(counts, pruned.cacheMounts().size(), "cache mount");
    count(counts, pruned.kept().size(), "kept state");
    return counts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", counts));
  }

  private static void count(List<String> counts, int number, String thing) {
    if (number > 0) {
      counts.add(number + " " + thing + (number == 1 ? "" : "s"));
    }
  }
}
