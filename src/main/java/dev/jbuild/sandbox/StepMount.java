package dev.jbuild.sandbox;

import java.nio.file.Path;

/// Something mounted in a step's root file system for as long as the step runs.
///
/// A `target` is absolute, [dev.jbuild.failure.Utf8] text; links in it are followed inside the
/// root, never out of it. It must exist: see [StepSpec#mountPoints].
public sealed interface StepMount {

  /// Where it is mounted.
  String target();

  /// The same on another target.
  default StepMount on(String target) {
    return switch (this) {
      case Bind(var root, var source, var _, var isDirectory, var isReadOnly) ->
          new Bind(root, source, target, isDirectory, isReadOnly);
      case Tmpfs(var _, var size, var isReadOnly) -> new Tmpfs(target, size, isReadOnly);
      case Content(var _, var bytes, var mode, var uid, var gid, var isReadOnly) ->
          new Content(target, bytes, mode, uid, gid, isReadOnly);
    };
  }

  /// Whether it is mounted on a directory, else on a file.
  default boolean isOnDirectory() {
    return switch (this) {
      case Bind bind -> bind.isDirectory();
      case Tmpfs _ -> true;
      case Content _ -> false;
    };
  }

  /// A file or directory of the machine, with what is mounted below it.
  ///
  /// @param root a directory of jbuild's own
  /// @param source the path in `root` that is mounted, absolute or relative; links in it are
  ///     followed inside `root` (CVE-2024-1753, CVE-2024-9675), when the step starts and once only
  ///     (CVE-2024-23651)
  /// @param isDirectory what the source is, so that its mount point can be made alike
  record Bind(Path root, String source, String target, boolean isDirectory, boolean isReadOnly)
      implements StepMount {
    public Bind {
      StepSpec.checkPath(target);
    }
  }

  /// An empty directory in memory, mode 1777.
  ///
  /// @param size the most it can hold, in bytes; 0 leaves that to the kernel (half of the memory)
  record Tmpfs(String target, long size, boolean isReadOnly) implements StepMount {
    public Tmpfs(String target, long size) {
      this(target, size, false);
    }

    public Tmpfs {
      StepSpec.checkPath(target);
    }
  }

  /// A file in memory that no other process can see; its content is never on a disk of jbuild's.
  ///
  /// @param mode permission bits
  /// @param isReadOnly whether the step is kept from writing to it; what it writes is lost anyway
  record Content(String target, byte[] bytes, int mode, long uid, long gid, boolean isReadOnly)
      implements StepMount {
    public Content {
      StepSpec.checkPath(target);
    }

    /// A file as the runtime provides it (/etc/resolv.conf, /etc/hosts): root's, mode 0644, the
    /// step's own copy to write to.
    public static Content provided(String target, byte[] bytes) {
      return new Content(target, bytes, 0644, 0, 0, false);
    }
  }
}
