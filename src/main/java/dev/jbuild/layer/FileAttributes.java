package dev.jbuild.layer;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;

/// What a file on disk is made to be, beside its content: owner, mode, extended attributes, time.
///
/// Owner before mode, since a change of owner clears set-user-ID; attributes before times. An
/// attribute that the file system or a user namespace refuses is left out.
final class FileAttributes {

  private FileAttributes() {}

  /// Of the file `name`, which is not followed.
  static void set(Directory parent, byte[] name, TarEntry entry) throws IOException {
    parent.setOwner(name, entry.uid(), entry.gid());
    if (entry.type() != TarEntry.Type.SYMLINK) {
      parent.setMode(name, entry.mode());
    }
    for (var xattr : OverlayMarks.portable(entry.xattrs()).entrySet()) {
      unlessRefused(() -> parent.setXattr(name, xattr.getKey(), xattr.getValue()));
    }
    parent.setTime(name, entry.mtime(), 0);
  }

  /// Of an open file.
  static void set(OpenFile file, TarEntry entry) throws IOException {
    file.setOwner(entry.uid(), entry.gid());
    file.setMode(entry.mode());
    for (var xattr : OverlayMarks.portable(entry.xattrs()).entrySet()) {
      unlessRefused(() -> file.setXattr(xattr.getKey(), xattr.getValue()));
    }
    file.setTime(entry.mtime(), 0);
  }

  /// Of the directory itself.
  static void set(Directory directory, TarEntry entry) throws IOException {
    directory.setOwner(entry.uid(), entry.gid());
    directory.setMode(entry.mode());
    for (var xattr : OverlayMarks.portable(entry.xattrs()).entrySet()) {
      unlessRefused(() -> directory.setXattr(xattr.getKey(), xattr.getValue()));
    }
    directory.setTime(entry.mtime(), 0);
  }

  private interface Change {
    void make() throws IOException;
  }

  private static void unlessRefused(Change change) throws IOException {
    try {
      change.make();
    } catch (LinuxException e) {
      if (!e.is(Errno.EPERM) && !e.is(Errno.EOPNOTSUPP)) {
        throw e;
      }
    }
  }
}
