package dev.jbuild.store;

import dev.jbuild.image.Digest;
import dev.jbuild.linux.SmallFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/// Which ids of the machine the ids in this process stand for (user_namespaces(7)).
///
/// A tree's owners are ids of the machine: under another map they are wrong. The map that the trees
/// were made under is recorded beside them; another map empties `trees/`, and `mounts/` with it:
/// what is in both can be made again.
final class IdMap {

  private static final List<Path> OF_PROCESS =
      List.of(Path.of("/proc/self/uid_map"), Path.of("/proc/self/gid_map"));

  private final Layout layout;
  private final Lease lease;
  private boolean checked;

  IdMap(Layout layout, Lease lease) {
    this.layout = layout;
    this.lease = lease;
  }

  /// Sees to it that the trees that are there can be used. Asked again it knows the answer.
  synchronized void check() throws IOException {
    if (checked) {
      return;
    }
    var mine = current();
    if (!mine.equals(recorded())) {
      change(mine);
    }
    checked = true;
  }

  private void change(String mine) throws IOException {
    var temps = lease.temps();
    try (var _ = Locks.exclusive(layout.storeLock())) {
      if (mine.equals(recorded())) {
        return;
      }
      var trees = Names.digests(layout.trees());
      var mounts = Names.digests(layout.mounts());
      var inUse = Leases.claimed(layout);
      boolean isInUse = trees.stream().anyMatch(inUse::contains);
      for (var mount : mounts) {
        isInUse |= CacheMounts.isInUse(layout, mount);
      }
      if (isInUse) {
        throw StoreFailures.of(
                "a jbuild with other user ids is using the files of the store "
                    + StoreFailures.printable(layout.root()))
            .hint("wait until it is done, or use another store with --root DIR");
      }
      for (Digest tree : trees) {
        temps.takeAway(layout.tree(tree));
      }
      for (Digest mount : mounts) {
        temps.takeAway(layout.mount(mount));
      }
      temps.replace(
          layout.idMap(), mine.getBytes(StandardCharsets.US_ASCII), TempArea.Durability.FLEETING);
    }
  }

  private String recorded() throws IOException {
    try {
      return SmallFile.text(layout.idMap());
    } catch (NoSuchFileException e) {
      return "";
    }
  }

  static String current() throws IOException {
    var text = new StringBuilder();
    for (var map : OF_PROCESS) {
      try {
        SmallFile.text(map)
            .lines()
            .forEach(line -> text.append(line.strip().replaceAll(" +", " ")).append('\n'));
      } catch (NoSuchFileException e) {
        text.append("none\n"); // a kernel without user namespaces
      }
      text.append('\n');
    }
    return text.toString();
  }
}
