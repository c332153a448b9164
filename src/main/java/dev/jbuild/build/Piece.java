package dev.jbuild.build;

import dev.jbuild.context.Selected;
import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerIndex;
import java.io.IOException;
import java.io.InputStream;

/// One thing that a COPY or ADD puts into the image.
sealed interface Piece {

  /// The file or directory that it is made of.
  Selected selected();

  /// A file, or the contents of a directory.
  ///
  /// @param copy the same for what is hard-linked together if its source is: the contents of one
  ///     directory, all that one pattern of `--parents` matches below one directory
  record Files(Selected selected, int copy) implements Piece {}

  /// An archive whose entries are put, not itself.
  ///
  /// @param digest of the archive's own bytes
  /// @param index what is in it, offsets in the plain tar
  record Archive(Selected selected, Digest digest, LayerIndex index, PlainTar tar)
      implements Piece {}

  /// The plain tar of an archive; offsets as in [dev.jbuild.layer.IndexEntry].
  @FunctionalInterface
  interface PlainTar {
    InputStream open(long offset, long size) throws IOException;
  }
}
