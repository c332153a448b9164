package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.layer.LayerDraft;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.plan.WorkdirStep;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;

/// The layer of a WORKDIR: the directory and its missing parents, 0755, owned by USER. A directory
/// that exists is left as it is, and there is no layer.
final class WorkdirLayer {

  private WorkdirLayer() {}

  static LayerDraft draft(WorkdirStep step, MergedView view, LayerReader layers, Times times)
      throws IOException {
    var draft = new LayerDraft(times.clamp());
    var destination = new Destination(view, draft, step.span());
    var place = destination.resolve(ArchivePath.clamped(step.directory()));
    if (place.isDirectory()) {
      return draft;
    }
    destination.makeDirectory(place.path(), 0755, owner(step, view, layers));
    destination.touch(place.path(), times.now());
    destination.finish();
    return draft;
  }

  private static Accounts.Owner owner(WorkdirStep step, MergedView view, LayerReader layers)
      throws IOException {
    if (step.user().isEmpty()) {
      return Accounts.Owner.ROOT;
    }
    try {
      var identity = AccountFiles.read(view, layers).forProcess(step.user());
      return new Accounts.Owner(identity.uid(), identity.gid());
    } catch (BuildFailure e) {
      throw e.at(step.span());
    }
  }
}
