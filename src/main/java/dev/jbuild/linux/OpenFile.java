package dev.jbuild.linux;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;

/// An open file descriptor, close-on-exec. Not safe for use by several threads at once, positional
/// reads excepted. Closing twice is harmless.
public final class OpenFile implements AutoCloseable {

  /// What copy_file_range answers for files that it cannot copy between: other file systems, none
  /// that support it, a kernel or a seccomp filter without it.
  private static final List<Errno> CANNOT_COPY =
      List.of(
          Errno.EXDEV, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.EPERM, Errno.ETXTBSY);

  /// What FICLONE answers for files that cannot share blocks.
  private static final List<Errno> CANNOT_SHARE =
      List.of(Errno.EXDEV, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.ENOTTY, Errno.ENOSYS, Errno.EPERM);

  /// linux/fs.h: _IOW(0x94, 9, int)
  private static final long FICLONE = 0x4004_9409L;

  /// linux/fs.h
  private static final int SYNC_FILE_RANGE_WRITE = 2;

  private final Opened file;

  OpenFile(long fd, Where where) {
    this.file = new Opened(fd, where);
  }

  /// Opens a regular file of jbuild's own or that its user named, for reading; links are followed
  /// as usual. Anything else is refused as by [Directory#openFile].
  public static OpenFile open(Path path) throws IOException {
    var bytes = Where.bytes(path);
    var where = Where.of(bytes);
    long place = Opening.at(Opening.AT_FDCWD, bytes, Opening.PATH_ONLY, 0, where);
    return Opening.ofPlace(place, Opening.READ, where);
  }

  /// The descriptor's number; valid until closed.
  public int number() {
    return file.number();
  }

  /// Reads up to `length` bytes (and up to 128 KiB) at the file's position; -1 at the end.
  public int read(byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    var scratch = Scratch.get();
    int wanted = Math.min(length, Scratch.BUFFER_SIZE);
    long count = Kernel.call(SystemCall.READ, file.number(), scratch.buffer(), wanted);
    file.check(count, SystemCall.READ);
    return received(scratch, count, into, offset);
  }

  /// Reads up to `length` bytes at `position` without moving the file's own; -1 at the end.
  public int readAt(long position, byte[] into, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, into.length);
    if (length == 0) {
      return 0;
    }
    var scratch = Scratch.get();
    int wanted = Math.min(length, Scratch.BUFFER_SIZE);
    long count = Kernel.call(SystemCall.PREAD64, file.number(), scratch.buffer(), wanted, position);
    file.check(count, SystemCall.PREAD64);
    return received(scratch, count, into, offset);
  }

  private static int received(Scratch scratch, long count, byte[] into, int offset) {
    if (count == 0) {
      return -1;
    }
    scratch.bufferBytes().get(0, into, offset, (int) count);
    return (int) count;
  }

  /// Writes all `length` bytes at the file's position.
  public void write(byte[] from, int offset, int length) throws IOException {
    Objects.checkFromIndexSize(offset, length, from.length);
    var scratch = Scratch.get();
    int end = offset + length;
    for (int at = offset; at < end; ) {
      int size = Math.min(end - at, Scratch.BUFFER_SIZE);
      long buffer = scratch.buffer(from, at, size);
      long count = Kernel.call(SystemCall.WRITE, file.number(), buffer, size);
      at += (int) file.check(count, SystemCall.WRITE);
    }
  }

  /// Copies up to `length` bytes inside the kernel (copy_file_range, falling back to read and
  /// write where the file systems cannot); both positions are explicit. Returns what was copied,
  /// 0 at the end of this file.
  public long copyTo(long position, OpenFile target, long targetPosition, long length)
      throws IOException {
    var scratch = Scratch.get();
    scratch.putLong(0, position);
    scratch.putLong(8, targetPosition);
    long count =
        Kernel.call(
            SystemCall.COPY_FILE_RANGE,
            file.number(),
            scratch.struct(),
            target.number(),
            scratch.struct() + 8,
            length,
            0);
    if (count > 0) {
      return count;
    }
    // Some file systems say 0 where they cannot; a plain read then tells whether it is the end.
    if (count < 0 && CANNOT_COPY.stream().noneMatch(errno -> Kernel.is(count, errno))) {
      throw Kernel.failure(count, SystemCall.COPY_FILE_RANGE, file.where());
    }
    return copyByHand(position, target, targetPosition, length);
  }

  /// Makes the whole content of this file that of `target` too, by sharing its blocks (FICLONE).
  ///
  /// @return false if the file system cannot
  public boolean shareWith(OpenFile target) throws IOException {
    long result = Kernel.call(SystemCall.IOCTL, target.number(), FICLONE, file.number());
    if (result < 0 && CANNOT_SHARE.stream().anyMatch(errno -> Kernel.is(result, errno))) {
      return false;
    }
    target.file.check(result, SystemCall.IOCTL);
    return true;
  }

  private long copyByHand(long position, OpenFile target, long targetPosition, long length)
      throws LinuxException {
    long buffer = Scratch.get().buffer();
    long wanted = Math.min(length, Scratch.BUFFER_SIZE);
    long count = Kernel.call(SystemCall.PREAD64, file.number(), buffer, wanted, position);
    file.check(count, SystemCall.PREAD64);
    for (long done = 0; done < count; ) {
      long written =
          Kernel.call(
              SystemCall.PWRITE64,
              target.number(),
              buffer + done,
              count - done,
              targetPosition + done);
      done += target.file.check(written, SystemCall.PWRITE64);
    }
    return count;
  }

  /// fstat(2).
  public FileStat stat() throws IOException {
    return Statx.of(file.number(), file.where());
  }

  /// Makes the file this long, with zeros or by cutting it.
  public void truncate(long size) throws IOException {
    file.check(Kernel.call(SystemCall.FTRUNCATE, file.number(), size), SystemCall.FTRUNCATE);
  }

  /// fchmod(2).
  public void setMode(int permissions) throws IOException {
    Attributes.setMode(file, permissions);
  }

  /// fchown(2).
  public void setOwner(long uid, long gid) throws IOException {
    Attributes.setOwner(file, uid, gid);
  }

  /// Sets access and modification time (utimensat(2)).
  public void setTime(long seconds, int nanos) throws IOException {
    Attributes.setTime(file, seconds, nanos);
  }

  /// All extended attributes by name; empty where the file system has none.
  public SortedMap<String, byte[]> xattrs() throws IOException {
    return Xattrs.of(file).read();
  }

  /// fsetxattr(2).
  public void setXattr(String attribute, byte[] value) throws IOException {
    Xattrs.of(file).set(attribute, value);
  }

  /// fsync(2).
  public void sync() throws IOException {
    file.check(Kernel.call(SystemCall.FSYNC, file.number()), SystemCall.FSYNC);
  }

  /// Has the kernel begin to write a range to the disk, so that a later [#sync] has little to wait
  /// for (sync_file_range(2)). Nothing is promised, and a file system that cannot is no error.
  public void beginSync(long from, long length) {
    Kernel.call(SystemCall.SYNC_FILE_RANGE, file.number(), from, length, SYNC_FILE_RANGE_WRITE);
  }

  /// syncfs(2): everything of the file system that this file is on.
  public void syncFileSystem() throws IOException {
    file.check(Kernel.call(SystemCall.SYNCFS, file.number()), SystemCall.SYNCFS);
  }

  /// The same as [#inputStream], but that closing it closes the file.
  public InputStream closingStream() {
    return new FilterInputStream(inputStream()) {
      @Override
      public void close() {
        OpenFile.this.close();
      }
    };
  }

  /// The same as [#outputStream], but that closing it closes the file.
  OutputStream closingOutputStream() {
    return new FilterOutputStream(outputStream()) {
      @Override
      public void write(byte[] from, int offset, int length) throws IOException {
        OpenFile.this.write(from, offset, length);
      }

      @Override
      public void close() {
        OpenFile.this.close();
      }
    };
  }

  /// A stream over the file from its position, unbuffered; closing it leaves the file open.
  public InputStream inputStream() {
    return Streams.from(this::read);
  }

  /// A stream that writes at the file's position, unbuffered; closing it leaves the file open.
  public OutputStream outputStream() {
    return Streams.to(this::write);
  }

  @Override
  public void close() {
    file.close();
  }
}
