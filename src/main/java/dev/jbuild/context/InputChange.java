package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

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
    /// Only mode, owner, attributes, which other names it has, or what it comes along for.
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
      InputManifest.Section before, InputManifest.Section now, Consumer<InputChange> to) {
    before.items().skipSame(now.items());
    var old = next(before);
    var current = next(now);
    while (old != null || current != null) {
      if (current == null || (old != null && old.path().compareTo(current.path()) < 0)) {
        to.accept(new InputChange(Kind.REMOVED, before.label().resolve(path(old)), ""));
        old = next(before);
      } else if (old == null || old.path().compareTo(current.path()) > 0) {
        to.accept(new InputChange(Kind.ADDED, now.label().resolve(current.path()), ""));
        current = next(now);
      } else {
        if (!old.isSame(current)) {
          to.accept(change(now.label().resolve(current.path()), old, current));
        }
        before.items().skipSame(now.items());
        old = next(before);
        current = next(now);
      }
    }
  }

  private static ArchivePath path(InputManifest.@Nullable Item item) {
    return item == null ? ArchivePath.ROOT : item.path();
  }

  private static InputManifest.@Nullable Item next(InputManifest.Section section) {
    return section.items().hasNext() ? section.items().next() : null;
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
    } else if (old.onlyForBelow() != now.onlyForBelow()) {
      detail = now.onlyForBelow() ? "only for what is in it" : "for its own sake";
    } else {
      detail = "hard links";
    }
    return new InputChange(Kind.METADATA, path, detail);
  }

  private static String octal(int mode) {
    return Integer.toOctalString(mode);
  }
}
