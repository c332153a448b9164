package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.util.Arrays;
import java.util.List;

/// One difference between the inputs of two builds.
///
/// @param path as the person named it: below the source
/// @param detail for METADATA what of it changed, else empty; printable
public record InputChange(Kind kind, ArchivePath path, String detail) {

  /// What happened to a file.
  public enum Kind {
    ADDED("added"),
    REMOVED("removed"),
    /// Its bytes, its link target or its type.
    CHANGED("changed"),
    /// Only mode, owner, attributes, or which other names it has.
    METADATA("changed");

    private final String word;

    Kind(String word) {
      this.word = word;
    }
  }

  /// `src/Main.java changed`, `run.sh changed (mode 644 → 755)`; printable.
  public String words() {
    var name = path.isRoot() ? "." : path.printable();
    return name + " " + kind.word + (detail.isEmpty() ? "" : " (" + detail + ")");
  }

  static void compare(
      InputManifest.Section before, InputManifest.Section now, List<InputChange> to) {
    int i = 0;
    int j = 0;
    while (i < before.items().size() || j < now.items().size()) {
      var old = InputManifest.itemAt(before.items(), i);
      var current = InputManifest.itemAt(now.items(), j);
      int order =
          old.isEmpty()
              ? 1
              : current.isEmpty() ? -1 : old.get().path().compareTo(current.get().path());
      if (order < 0) {
        to.add(new InputChange(Kind.REMOVED, before.label().resolve(old.get().path()), ""));
        i++;
      } else if (order > 0) {
        to.add(new InputChange(Kind.ADDED, now.label().resolve(current.get().path()), ""));
        j++;
      } else {
        if (!old.get().isSame(current.get())) {
          to.add(change(now.label().resolve(current.get().path()), old.get(), current.get()));
        }
        i++;
        j++;
      }
    }
  }

  private static InputChange change(
      ArchivePath path, InputManifest.Item old, InputManifest.Item now) {
    if (old.type() != now.type() || !Arrays.equals(old.content(), now.content())) {
      return new InputChange(Kind.CHANGED, path, "");
    }
    String detail;
    if (old.mode() != now.mode()) {
      detail = "mode " + octal(old.mode()) + " → " + octal(now.mode());
    } else if (old.uid() != now.uid() || old.gid() != now.gid()) {
      detail = "owner %d:%d → %d:%d".formatted(old.uid(), old.gid(), now.uid(), now.gid());
    } else if (!old.hasSameXattrs(now)) {
      detail = "extended attributes";
    } else {
      detail = "hard links";
    }
    return new InputChange(Kind.METADATA, path, detail);
  }

  private static String octal(int mode) {
    return Integer.toOctalString(mode);
  }
}
