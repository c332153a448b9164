package dev.jbuild.store;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;

/// A container or a failed step that is kept.
///
/// @param id 12 hex digits
/// @param spec the caller's JSON
/// @param used when it was made or last held
/// @param directory all of it; whoever changes anything in it holds it (see [Kept#tryHold])
public record KeptEntry(String id, byte[] spec, Instant used, Path directory) {

  /// What was changed above the layers below it: an overlay's upper directory.
  public Path fs() {
    return directory.resolve(TreeDraft.FILES);
  }

  /// How much of the disk it takes, in bytes.
  public long size() throws IOException {
    return TreeSize.of(directory);
  }
}
