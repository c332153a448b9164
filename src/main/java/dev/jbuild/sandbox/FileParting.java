package dev.jbuild.sandbox;

import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileStat;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Parts a tree from files outside of it: each regular file that has names elsewhere too (hard
/// links) becomes a file of its own, with the same content, owner, mode, attributes and time. Names
/// inside that were one file still are.
///
/// Where other sandboxes mount, no such link can be made (EXDEV). Nobody may be in the tree.
final class FileParting {

  /// A directory of the tree.
  ///
  /// @param above null for the top
  private record Below(@Nullable Below above, byte[] name) {}

  private record Name(Below directory, byte[] name) {}

  /// The names of one file in the tree.
  private record Found(FileStat stat, List<Name> names) {}

  private final Directory parent;
  private final Directory aside;
  private final Below top;
  private final Map<Long, Found> found = new HashMap<>();

  /// @param parent of the tree
  /// @param aside where files are made, on the same file system
  FileParting(Directory parent, byte[] name, Directory aside) {
    this.parent = parent;
    this.aside = aside;
    this.top = new Below(null, name.clone());
  }

  void part() throws IOException {
    find();
    for (var file : found.values()) {
      if (file.names.size() < file.stat.links()) {
        part(file);
      }
    }
  }

  private void find() throws IOException {
    var ahead = new ArrayDeque<Below>(List.of(top));
    while (!ahead.isEmpty()) {
      var at = ahead.pop();
      try (var here = open(at)) {
        for (var each : here.list()) {
          var stat = here.stat(each.name()).orElseThrow();
          if (stat.isDirectory()) {
            ahead.push(new Below(at, each.name()));
          } else if (stat.isFile() && stat.links() > 1) {
            found
                .computeIfAbsent(stat.inode(), _ -> new Found(stat, new ArrayList<>()))
                .names
                .add(new Name(at, each.name()));
          }
        }
      }
    }
  }

  /// One handle after the other: a tree may be deeper than there are handles.
  private Directory open(Below at) throws IOException {
    var names = new ArrayDeque<byte[]>();
    for (@Nullable Below each = at; each != null; each = each.above) {
      names.push(each.name);
    }
    var here = parent.openDirectory(names.pop());
    for (var name : names) {
      try (var above = here) {
        here = above.openDirectory(name);
      }
    }
    return here;
  }

  private void part(Found file) throws IOException {
    var made = Utf8.encode("parted");
    var link = Utf8.encode("link");
    var first = file.names.getFirst();
    try (var here = open(first.directory)) {
      copy(here, first.name, file.stat, made);
    }
    for (var each : file.names) {
      aside.makeHardLink(link, aside, made);
      try (var here = open(each.directory)) {
        var before = here.stat();
        aside.rename(link, here, each.name);
        here.setTime(before.mtime(), before.mtimeNanos());
      }
    }
    aside.unlink(made);
  }

  private void copy(Directory from, byte[] name, FileStat stat, byte[] made) throws IOException {
    try (var content = from.openFile(name);
        var copy = aside.createFile(made, 0600)) {
      if (stat.size() > 0 && !content.shareWith(copy)) {
        copy(content, copy, stat.size());
      }
      copy.setOwner(Integer.toUnsignedLong(stat.uid()), Integer.toUnsignedLong(stat.gid()));
      copy.setMode(stat.permissions());
      for (var xattr : content.xattrs().entrySet()) {
        copy.setXattr(xattr.getKey(), xattr.getValue());
      }
      copy.setTime(stat.mtime(), stat.mtimeNanos());
    }
  }

  private static void copy(OpenFile from, OpenFile to, long size) throws IOException {
    long at = 0;
    while (at < size) {
      long count = from.copyTo(at, to, at, size - at);
      if (count == 0) {
        throw new IOException("a file became shorter while it was copied");
      }
      at += count;
    }
  }
}
