package dev.jbuild.build;

import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// Reads /etc/passwd and /etc/group of an image: links followed inside its root, nothing but
/// regular files, and no more than a sane file holds (CVE-2024-9676).
final class AccountFiles {

  private static final int LONGEST = 4 << 20;

  private AccountFiles() {}

  static Accounts read(MergedView view, LayerReader layers) throws IOException {
    return new Accounts(file(view, layers, "etc/passwd"), file(view, layers, "etc/group"));
  }

  private static byte[] file(MergedView view, LayerReader layers, String path) throws IOException {
    var found = entry(view, path);
    if (found == null || !found.isFile()) {
      return new byte[0];
    }
    try (var content = layers.content(found)) {
      return content.readNBytes(LONGEST);
    }
  }

  private static @Nullable ViewEntry entry(MergedView view, String path) {
    try {
      return view.resolve(ArchivePath.of(path), true).entry().orElse(null);
    } catch (TarFormatException e) {
      return null; // a link that leads nowhere is no file
    }
  }
}
