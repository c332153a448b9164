package dev.jbuild.build;

import dev.jbuild.image.Digest;
import dev.jbuild.layer.LayerReader;
import dev.jbuild.layer.MergedView;
import dev.jbuild.layer.ViewEntry;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads /etc/passwd and /etc/group of an image: links followed inside its root, nothing but
/// regular files, and no more than a sane file holds (CVE-2024-9676).
final class AccountFiles {

  private static final int LONGEST = 4 << 20;
  private static final String PASSWD = "etc/passwd";
  private static final String GROUP = "etc/group";

  private AccountFiles() {}

  static Accounts read(MergedView view, LayerReader layers) throws IOException {
    return read(view, layers::content);
  }

  /// Whether both can be read though only the outline of a layer is known
  /// ([LayerReader#expect]).
  static boolean areReadable(MergedView view, LayerReader layers, Digest outline)
      throws IOException {
    for (var path : List.of(PASSWD, GROUP)) {
      var found = entry(view, path);
      if (found != null
          && found.isFile()
          && outline.equals(found.layer())
          && !layers.keepsContent(found)) {
        return false;
      }
    }
    return true;
  }

  /// Those of a root as a process will find it, changes of something that was kept included.
  static Accounts read(StepRoot root) throws IOException {
    return read(root.view(), root::content);
  }

  private static Accounts read(MergedView view, Content content) throws IOException {
    return new Accounts(file(view, content, PASSWD), file(view, content, GROUP));
  }

  /// Opens a regular file.
  @FunctionalInterface
  private interface Content {
    InputStream open(ViewEntry file) throws IOException;
  }

  private static byte[] file(MergedView view, Content opener, String path) throws IOException {
    var found = entry(view, path);
    if (found == null || !found.isFile()) {
      return new byte[0];
    }
    try (var content = opener.open(found)) {
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
