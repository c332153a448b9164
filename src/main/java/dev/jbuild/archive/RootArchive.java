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

/// Writes the files of images as one plain tar: root file systems, layers merged, in the fixed
/// order of our layers.
public final class RootArchive {

  private final LayerReader layers;

  public RootArchive(LayerReader layers) {
    this.layers = layers;
  }

  /// The files of one image.
  ///
  /// @param directory in which they lie in the tar; empty: at its top
  /// @param diffIds the image's layers, the lowest first
  public record Root(String directory, List<Digest> diffIds) {

    public Root {
      diffIds = List.copyOf(diffIds);
    }
  }

  /// Writes to `out`, which stays open.
  public void write(List<Root> roots, OutputStream out) throws IOException {
    var tar = new TarWriter(out);
    for (var root : roots) {
      var top = ArchivePath.of(root.directory());
      if (!top.isRoot()) {
        tar.begin(TarEntry.directory(top, 0755, 0, 0, 0));
      }
      write(root.diffIds(), top, tar);
    }
    tar.finish();
    out.flush();
  }

  private void write(List<Digest> diffIds, ArchivePath top, TarWriter tar) throws IOException {
    var view = layers.view(diffIds);
    Map<Object, ArchivePath> names = new HashMap<>();
    var ahead = new ArrayList<ViewEntry>();
    pushChildren(view, ArchivePath.ROOT, ahead);
    while (!ahead.isEmpty()) {
      var next = ahead.removeLast();
      var entry = next.entry();
      var first = entry.isDirectory() ? null : names.putIfAbsent(next.file(), entry.path());
      if (first != null) {
        tar.begin(TarEntry.hardLink(top.resolve(entry.path()), top.resolve(first), entry));
      } else {
        tar.begin(entry.withPath(top.resolve(entry.path())));
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
  }

  /// Writes to `file`, which appears when it is whole.
  public void write(List<Root> roots, Path file) throws IOException {
    WholeFile.write(
        file,
        out -> {
          write(roots, out);
          return roots;
        });
  }

  /// The first name is taken first, so it is pushed last.
  private static void pushChildren(MergedView view, ArchivePath path, List<ViewEntry> ahead) {
    ahead.addAll(view.list(path).reversed());
  }
}
