package dev.jbuild.linux;

import dev.jbuild.failure.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Extended attributes (xattr(7)) of a descriptor, or of a name in a directory without following
/// it.
///
/// The calls by name take paths only: the path goes through the directory's descriptor in
/// /proc/self/fd, so that nothing but the last component is looked up.
final class Xattrs {

  private final boolean byName;
  private final long fd;
  private final byte[] path;
  private final Where where;

  private Xattrs(boolean byName, long fd, byte[] path, Where where) {
    this.byName = byName;
    this.fd = fd;
    this.path = path;
    this.where = where;
  }

  static Xattrs of(Opened file) {
    return new Xattrs(false, file.number(), new byte[0], file.where());
  }

  static Xattrs of(int directory, byte[] name, Where where) {
    var prefix = Utf8.encode("/proc/self/fd/" + directory + "/");
    var path = new byte[prefix.length + name.length];
    System.arraycopy(prefix, 0, path, 0, prefix.length);
    System.arraycopy(name, 0, path, prefix.length, name.length);
    return new Xattrs(true, directory, path, where);
  }

  /// All of them by name; empty where the file system has none.
  SortedMap<String, byte[]> read() throws LinuxException {
    var all = new TreeMap<String, byte[]>();
    for (var attribute : names()) {
      // The buffer is as large as a value can be (XATTR_SIZE_MAX), so ERANGE does not occur.
      long address = Scratch.get().buffer();
      long size = call(call(SystemCall.LGETXATTR, SystemCall.FGETXATTR), attribute, address);
      if (size >= 0) {
        all.put(attribute, Scratch.get().fromBuffer((int) size));
      } else if (!Kernel.is(size, Errno.ENODATA) && !Kernel.is(size, Errno.EOPNOTSUPP)) {
        throw Kernel.failure(size, call(SystemCall.LGETXATTR, SystemCall.FGETXATTR), where);
      } // else somebody has just removed it
    }
    return all;
  }

  private List<String> names() throws LinuxException {
    var scratch = Scratch.get();
    var list = call(SystemCall.LLISTXATTR, SystemCall.FLISTXATTR);
    long subject = byName ? scratch.first(path) : fd;
    long size = Kernel.call(list, subject, scratch.buffer(), Scratch.BUFFER_SIZE);
    if (size == 0 || Kernel.is(size, Errno.EOPNOTSUPP)) {
      return List.of();
    }
    Kernel.check(size, list, where);
    var names = new ArrayList<String>();
    int start = 0;
    for (int i = 0; i < size; i++) {
      if (scratch.bufferBytes().get(i) == 0) {
        names.add(Utf8.decode(scratch.fromBuffer(start, i - start)));
        start = i + 1;
      }
    }
    return names;
  }

  void set(String attribute, byte[] value) throws LinuxException {
    var set = call(SystemCall.LSETXATTR, SystemCall.FSETXATTR);
    if (value.length > Scratch.BUFFER_SIZE) {
      throw Kernel.failure(-Errno.E2BIG.number(), set, where);
    }
    long buffer = Scratch.get().buffer(value);
    long subject = byName ? Scratch.get().first(path) : fd;
    long name = Scratch.get().second(Utf8.encode(attribute));
    Kernel.check(Kernel.call(set, subject, name, buffer, value.length, 0), set, where);
  }

  void remove(String attribute) throws LinuxException {
    var remove = call(SystemCall.LREMOVEXATTR, SystemCall.FREMOVEXATTR);
    Kernel.check(call(remove, attribute, 0), remove, where);
  }

  private SystemCall call(SystemCall name, SystemCall descriptor) {
    return byName ? name : descriptor;
  }

  private long call(SystemCall call, String attribute, long buffer) throws LinuxException {
    var scratch = Scratch.get();
    long subject = byName ? scratch.first(path) : fd;
    long name = scratch.second(Utf8.encode(attribute));
    return Kernel.call(call, subject, name, buffer, Scratch.BUFFER_SIZE);
  }
}
