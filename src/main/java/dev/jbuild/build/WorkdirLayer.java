package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.plan.WorkdirStep;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/// The layer of a WORKDIR: the directory and its missing parents, 0755, owned by USER. A directory
/// that exists is left as it is, and there is no layer.
final class WorkdirLayer {

  private WorkdirLayer() {}

  /// @param warnings takes what a person should know
  static LayerDraft draft(
      WorkdirStep step, MergedView view, LayerReader layers, Times times, Consumer<String> warnings)
      throws IOException {
    var draft = new LayerDraft(times.clamp());
    var destination = new Destination(view, draft, step.span());
    var place = destination.resolve(ArchivePath.clamped(step.directory()));
    if (place.isDirectory()) {
      return draft;
    }
    destination.makeDirectory(place.path(), 0755, owner(step, view, layers, warnings));
    destination.touch(place.path(), times.now());
    destination.finish();
    return draft;
  }

  /// Numbers and names are read as `--chown` reads them, but a name that the image does not know
  /// is no failure here, as in BuildKit: the first process that should run as that user fails.
  private static Optional<Accounts.Owner> owner(
      WorkdirStep step, MergedView view, LayerReader layers, Consumer<String> warnings)
      throws IOException {
    var user = step.user();
    if (user.isEmpty()) {
      return Optional.empty();
    }
    var accounts = AccountFiles.read(view, layers);
    try {
      return Optional.of(accounts.forFiles(user));
    } catch (BuildFailure e) {
      warnings.accept(
          "WORKDIR "
              + Printable.of(step.directory())
              + ": "
              + e.getMessage()
              + "; the directory belongs to root");
      return Optional.of(Accounts.Owner.ROOT);
    }
  }
}
