package dev.jbuild.plan;

import dev.jbuild.failure.Span;
import java.util.Optional;
import java.util.OptionalLong;

/// One `--mount` of RUN, with all defaults filled in. Targets and sources are absolute and clean.
/// Owners are unsigned numbers, as the kernel's.
public sealed interface RunMount {

  /// Where it stands.
  Span span();

  /// Files of a context, stage or image.
  ///
  /// @param writable whether the step may write there; what it writes is thrown away
  record Bind(Span span, Origin origin, String source, String target, boolean writable)
      implements RunMount {}

  /// A directory that outlives the build.
  ///
  /// @param id its name in the store; not a path
  /// @param origin and `source`: what a new one begins with
  /// @param mode of a new one, as `uid` and `gid`
  record Cache(
      Span span,
      String id,
      Origin origin,
      String source,
      String target,
      boolean writable,
      Sharing sharing,
      int mode,
      int uid,
      int gid)
      implements RunMount {}

  /// Memory.
  ///
  /// @param size the most it may hold, in bytes
  /// @param writable whether the step may write there
  record Tmpfs(Span span, String target, OptionalLong size, boolean writable) implements RunMount {}

  /// A secret as a file or a variable or both. Without value and not required: neither.
  ///
  /// @param target the file, if there is one
  /// @param variable the name of the variable, if there is one
  record Secret(
      Span span,
      String id,
      Optional<String> target,
      Optional<String> variable,
      boolean required,
      int mode,
      int uid,
      int gid)
      implements RunMount {}

  /// The socket of an SSH agent; SSH_AUTH_SOCK names it.
  record Ssh(Span span, String id, String target, boolean required, int mode, int uid, int gid)
      implements RunMount {}

  /// What happens if two steps want the same cache at once.
  enum Sharing {
    /// Both use it.
    SHARED,
    /// The second gets another one.
    PRIVATE,
    /// The second waits.
    LOCKED
  }
}
