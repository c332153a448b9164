package dev.jbuild.layer;

import dev.jbuild.image.Digest;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Predicate;

/// How one file system differs from another. Both are known from indexes; nothing is unpacked.
/// Files of one size are read where their indexes do not tell whether they are the same.
///
/// Times do not count. Of a directory that went only itself is told, and so is one that became
/// something else; of one that came, all that is in it.
public final class FileChanges {

  private final MergedView before;
  private final MergedView after;
  private final LayerReader layers;
  private final List<FileChange> changes = new ArrayList<>();

  private FileChanges(MergedView before, MergedView after, LayerReader layers) {
    this.before = before;
    this.after = after;
    this.layers = layers;
  }

  /// The differences, by path.
  ///
  /// @param layers what both are made of
  public static List<FileChange> between(MergedView before, MergedView after, LayerReader layers)
      throws IOException {
    var compared = new FileChanges(before, after, layers);
    compared.walk();
    compared.changes.sort(Comparator.comparing(FileChange::path));
    return List.copyOf(compared.changes);
  }

  /// Puts a layer on `below` that nobody has written yet; its content cannot be read there.
  ///
  /// @param hashes which of its files are read now, so that they can be compared
  public static void apply(LayerDraft layer, MergedView below, Predicate<TarEntry> hashes)
      throws IOException {
    var index = layer.index(hashes);
    below.apply(Digest.of(index.toBytes()), index);
  }

  private void walk() throws IOException {
    var ahead = new ArrayDeque<ViewEntry>();
    var root = after.find(ArchivePath.ROOT).orElseThrow();
    compare(before.find(root.entry().path()).orElseThrow(), root);
    ahead.push(root);
    while (!ahead.isEmpty()) {
      var directory = ahead.pop().entry().path();
      for (var each : after.list(directory)) {
        var was = before.find(each.entry().path());
        if (was.isEmpty()) {
          add(FileChange.Kind.ADDED, each, 0, each.entry().size(), List.of());
        } else {
          compare(was.get(), each);
        }
        if (each.isDirectory()) {
          ahead.push(each);
        }
      }
      if (before.find(directory).filter(ViewEntry::isDirectory).isPresent()) {
        for (var was : before.list(directory)) {
          if (after.find(was.entry().path()).isEmpty()) {
            add(FileChange.Kind.DELETED, was, sizeOf(was), 0, List.of());
          }
        }
      }
    }
  }

  private void add(
      FileChange.Kind kind, ViewEntry entry, long before, long after, List<String> what) {
    changes.add(new FileChange(kind, entry.entry().path(), before, after, what));
  }

  /// Of a directory all that is in it.
  private long sizeOf(ViewEntry was) {
    long size = 0;
    var ahead = new ArrayDeque<>(List.of(was));
    while (!ahead.isEmpty()) {
      var each = ahead.pop();
      size += each.entry().size();
      if (each.isDirectory()) {
        ahead.addAll(before.list(each.entry().path()));
      }
    }
    return size;
  }

  private void compare(ViewEntry was, ViewEntry is) throws IOException {
    var what = new ArrayList<String>();
    var a = was.entry();
    var b = is.entry();
    if (a.type() != b.type()) {
      what.add("type " + name(a) + " -> " + name(b));
    } else if (is.isFile() && !sameContent(was, is)) {
      what.add("content");
    } else if (!Likeness.sameTarget(a, b)) {
      what.add(is.isSymlink() ? "link target" : "device");
    }
    if (a.mode() != b.mode()) {
      what.add("mode %04o -> %04o".formatted(a.mode(), b.mode()));
    }
    if (a.uid() != b.uid() || a.gid() != b.gid()) {
      what.add("owner %d:%d -> %d:%d".formatted(a.uid(), a.gid(), b.uid(), b.gid()));
    }
    if (!Likeness.sameXattrs(a, b)) {
      what.add("extended attributes");
    }
    if (!what.isEmpty()) {
      long before = a.isDirectory() && b.isDirectory() ? 0 : sizeOf(was);
      add(FileChange.Kind.CHANGED, is, before, b.size(), what);
    }
  }

  private static String name(TarEntry entry) {
    return entry.type().name().toLowerCase(Locale.ROOT);
  }

  private boolean sameContent(ViewEntry was, ViewEntry is) throws IOException {
    if (was.entry().size() != is.entry().size()) {
      return false;
    }
    if (is.entry().size() == 0) {
      return true;
    }
    if (was.digest() != null && is.digest() != null) {
      return is.digest().equals(was.digest());
    }
    if (Objects.equals(is.layer(), was.layer()) && is.offset() == was.offset()) {
      return true;
    }
    if (was.digest() != null) {
      return was.digest().equals(digest(is));
    }
    if (is.digest() != null) {
      return is.digest().equals(digest(was));
    }
    try (var a = layers.content(was);
        var b = layers.content(is)) {
      return Likeness.sameBytes(a, b);
    }
  }

  private Digest digest(ViewEntry file) throws IOException {
    try (var content = layers.content(file)) {
      return PlainTar.hash(content);
    }
  }
}
