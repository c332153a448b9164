package dev.jbuild.context;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;

/// Follows links in a [SourceTree] by looking up one name after the other.
///
/// As only names of the tree are looked up, nothing outside of it can be reached, whatever the
/// links say (CVE-2018-15664: no check that a race could undo).
final class LinkWalk {

  /// As the kernel (path_resolution(7)).
  private static final int MOST_LINKS = 40;

  private static final byte[] UP = {'.', '.'};

  private final SourceTree tree;
  private final Deque<byte[]> rest = new ArrayDeque<>();
  private int links;

  LinkWalk(SourceTree tree) {
    this.tree = tree;
  }

  Optional<SourceEntry> follow(ArchivePath path) throws IOException {
    push(path.bytes());
    var at = ArchivePath.ROOT;
    var entry = tree.lookup(at);
    while (entry.isPresent() && !rest.isEmpty()) {
      if (!entry.get().isDirectory()) {
        return Optional.empty();
      }
      var name = rest.pop();
      at = Arrays.equals(name, UP) ? at.parent() : at.child(name);
      entry = tree.lookup(at);
      if (entry.isPresent() && entry.get().isSymlink()) {
        countLink(path);
        var target = entry.get().link();
        push(target);
        at = target.length > 0 && target[0] == '/' ? ArchivePath.ROOT : at.parent();
        entry = tree.lookup(at);
      }
    }
    return entry;
  }

  private void countLink(ArchivePath path) {
    if (++links > MOST_LINKS) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT, path.printable() + ": too many levels of symbolic links");
    }
  }

  /// Puts the components of `target` before what is left to walk.
  private void push(byte[] target) {
    int end = target.length;
    for (int i = target.length - 1; i >= -1; i--) {
      if (i >= 0 && target[i] != '/') {
        continue;
      }
      var name = Arrays.copyOfRange(target, i + 1, end);
      end = Math.max(i, 0);
      if (name.length > 0 && !(name.length == 1 && name[0] == '.')) {
        rest.push(name);
      }
    }
  }
}
