package dev.jbuild.archive;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import dev.jbuild.tar.TarWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Writes the files of an image as one plain tar: its root file system, layers merged, in the fixed
/// order of our layers.
public final class RootArchive {

  private final LayerReader layers;

  public RootArchive(LayerReader layers) {
    this.layers = layers;
  }

  /// Writes to `out`, which stays open.
  ///
  /// @param diffIds the image's layers, the lowest first
  public void write(List<Digest> diffIds, OutputStream out) throws IOException {
    var view = layers.view(diffIds);
    var tar = new TarWriter(out);
    Map<Object, ArchivePath> names = new HashMap<>();
    var ahead = new ArrayList<ViewEntry>();
    pushChildren(view, ArchivePath.ROOT, ahead);
    while (!ahead.isEmpty()) {
      var next = ahead.removeLast();
      var entry = next.entry();
      var first = entry.isDirectory() ? null : names.putIfAbsent(next.file(), entry.path());
      if (first != null) {
        tar.begin(TarEntry.hardLink(entry.path(), first, entry));
      } else {
        tar.begin(entry);
        if (entry.size() > 0) {
          try (var content = layers.content(next)) {
            content.transferTo(tar.content());
          }
        }
      }
      if (entry.isDirectory()) {
        pushChildren(view, entry.path(), ahead);
      }
    }
    tar.finish();
    out.flush();
  }

  /// Writes to `file`, which appears when it is whole.
  public void write(List<Digest> diffIds, Path file) throws IOException {
    WholeFile.write(
        file,
        out -> {
          write(diffIds, out);
          return diffIds;
        });
  }

  /// The first name is taken first, so it is pushed last.
  private static void pushChildren(MergedView view, ArchivePath path, List<ViewEntry> ahead) {
    ahead.addAll(view.list(path).reversed());
  }
}
