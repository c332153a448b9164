package dev.jbuild.store;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.linux.Errno;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.MountedFileSystem;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.Locale;

/// The one place where what the file system says becomes what a person reads.
final class StoreFailures {

  static final String REPAIR = "run: jbuild store check --repair";

  private static final long MEBIBYTE = 1 << 20;

  private StoreFailures() {}

  static BuildFailure of(String message) {
    return BuildFailure.of(BuildFailure.Kind.STORE, message);
  }

  static String printable(Path path) {
    return Printable.of(path.toString());
  }

  /// `failure`, or, if the disk is full, a failure that says so, with what `directory` has left.
  static IOException unlessFull(IOException failure, Path directory) {
    if (isFull(failure)) {
      throw full(failure, directory);
    }
    return failure;
  }

  /// What a person is told of any exception that a store throws.
  static BuildFailure explain(IOException failure, Path root) {
    if (isFull(failure)) {
      return full(failure, root);
    }
    var message = Printable.of(String.valueOf(failure.getMessage()));
    if (isReadOnly(failure)) {
      return explained("no permission in the store " + printable(root) + ": " + message, failure)
          .hint("look at its owner and mode, or choose another store with --root DIR");
    }
    return switch (failure) {
      case CorruptBlobException corrupt -> explained(message, corrupt).hint(REPAIR);
      case MissingBlobException missing -> explained(message, missing).hint(REPAIR);
      case ImageFormatException format -> explained(message, format);
      case WrongContentException wrong -> explained(message, wrong);
      default -> explained("the store " + printable(root) + " failed: " + message, failure);
    };
  }

  private static BuildFailure explained(String message, IOException cause) {
    return BuildFailure.of(BuildFailure.Kind.STORE, message, cause);
  }

  /// Whether nothing can be written because the store is read-only for us.
  static boolean isReadOnly(IOException failure) {
    return failure instanceof AccessDeniedException
        || says(failure, Errno.EROFS)
        || says(failure, Errno.EACCES);
  }

  private static boolean isFull(IOException failure) {
    return says(failure, Errno.ENOSPC) || says(failure, Errno.EDQUOT);
  }

  /// java.nio gives the reason as libc's text only, which [Errno] has word for word.
  private static boolean says(IOException failure, Errno errno) {
    if (failure instanceof LinuxException linux) {
      return linux.is(errno);
    }
    var text = failure instanceof FileSystemException file ? file.getReason() : null;
    var reason = text == null ? String.valueOf(failure.getMessage()) : text;
    return reason.toLowerCase(Locale.ROOT).contains(errno.text());
  }

  private static BuildFailure full(IOException failure, Path directory) {
    var left = "";
    boolean inodes = false;
    try {
      var system = MountedFileSystem.of(directory);
      left = ", " + system.freeBytes() + " bytes free";
      inodes = system.freeInodes() == 0 && system.freeBytes() > MEBIBYTE;
    } catch (IOException unknown) {
      failure.addSuppressed(unknown);
    }
    var what = says(failure, Errno.EDQUOT) ? Errno.EDQUOT.text() : Errno.ENOSPC.text();
    return BuildFailure.of(
            BuildFailure.Kind.STORE,
            what + (inodes ? " (no inodes)" : "") + ": " + printable(directory) + left,
            failure)
        .hint("make room there, or run jbuild prune");
  }
}
