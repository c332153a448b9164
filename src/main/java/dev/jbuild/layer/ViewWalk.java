package dev.jbuild.layer;

import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarFormatException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One walk along a path of a [MergedView], links followed as a process would whose root it is.
final class ViewWalk {

  /// As many links as Linux follows in one path.
  private static final int MOST_LINKS = 40;

  private final ArchivePath start;
  private final boolean followLast;
  private final boolean pastFiles;
  private final Deque<ArchivePath> ahead = new ArrayDeque<>();
  private final ArrayList<@Nullable ViewNode> passed = new ArrayList<>();
  private ArchivePath at = ArchivePath.ROOT;
  private int links;

  private ViewWalk(ViewNode root, ArchivePath start, boolean followLast, boolean pastFiles) {
    this.start = start;
    this.followLast = followLast;
    this.pastFiles = pastFiles;
    push(start.bytes());
    passed.add(root);
  }

  /// Where `path` leads, the last component followed too if `followLast`.
  ///
  /// @throws TarFormatException if there are too many links, or a file stands where a directory
  ///     must
  static MergedView.Place place(ViewNode root, ArchivePath path, boolean followLast)
      throws TarFormatException {
    var walk = new ViewWalk(root, path, followLast, false);
    walk.toEnd();
    var node = walk.passed.getLast();
    var place = walk.at;
    return new MergedView.Place(place, Optional.ofNullable(node).map(found -> found.entry(place)));
  }

  /// Where the directory `path` is; a file that stands where one must counts as missing.
  ///
  /// @throws TarFormatException if there are too many links
  static ArchivePath directory(ViewNode root, ArchivePath path) throws TarFormatException {
    var walk = new ViewWalk(root, path, true, true);
    walk.toEnd();
    return walk.at;
  }

  private void toEnd() throws TarFormatException {
    while (step()) {
      // until nothing is left
    }
  }

  private boolean step() throws TarFormatException {
    var next = ahead.poll();
    if (next == null) {
      return false;
    }
    if (next.isRoot()) { // stands for ".."
      at = at.parent();
      if (passed.size() > 1) {
        passed.removeLast();
      }
      return true;
    }
    var here = passed.getLast();
    if (here != null && here.children == null && !pastFiles) {
      throw new TarFormatException(at.printable() + " is not a directory");
    }
    var child =
        here == null || here.children == null
            ? null
            : here.children.get(next.bytes(), 0, next.length());
    if (child != null && child.isSymlink() && (followLast || !ahead.isEmpty())) {
      follow(child.entry(at).entry().link());
    } else {
      at = at.resolve(next);
      passed.add(child);
    }
    return true;
  }

  private void follow(byte[] target) throws TarFormatException {
    if (++links > MOST_LINKS) {
      throw new TarFormatException(start.printable() + ": too many levels of symbolic links");
    }
    if (target.length > 0 && target[0] == '/') {
      at = ArchivePath.ROOT;
      passed.subList(1, passed.size()).clear();
    }
    push(target);
  }

  /// Puts the components of `path` ahead of what is left; `..` becomes the root path.
  private void push(byte[] path) {
    int end = path.length;
    for (int i = path.length - 1; i >= -1; i--) {
      if (i >= 0 && path[i] != '/') {
        continue;
      }
      int length = end - i - 1;
      if (length == 2 && path[i + 1] == '.' && path[i + 2] == '.') {
        ahead.push(ArchivePath.ROOT);
      } else if (length > 0 && !(length == 1 && path[i + 1] == '.')) {
        ahead.push(ArchivePath.of(Arrays.copyOfRange(path, i + 1, end)));
      }
      end = i;
    }
  }
}
