package dev.jbuild.sandbox;

import dev.jbuild.failure.Printable;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// The version of a container runtime, as it tells it itself.
///
/// @param text the whole: `1.1.5+ds1`
public record RuntimeVersion(SandboxKind kind, String text) {

  private static final Pattern LINE =
      Pattern.compile("(?:runc|crun) version (\\S+)(?:.*?commit: (\\S+))?.*", Pattern.DOTALL);
  private static final Pattern NUMBERS = Pattern.compile("([0-9]+)\\.([0-9]+)\\.([0-9]+)(.*)");
  private static final Pattern CANDIDATE = Pattern.compile("-rc\\.?([0-9]+).*");

  /// Releases of runc from which on writes to /proc and mounts on /dev go where they are meant to,
  /// by branch (reliability case 92).
  private static final List<Hole> HOLES =
      List.of(
          new Hole(
              "CVE-2025-31133, CVE-2025-52565, CVE-2025-52881",
              List.of("1.2.8", "1.3.3", "1.4.0-rc.3")),
          new Hole("CVE-2026-41579", List.of("1.3.6", "1.4.3", "1.5.0-rc.3")));

  /// @param mended the first release of each branch that has the remedy, the oldest first
  private record Hole(String names, List<String> mended) {}

  /// From what `--version` prints; empty if it is none of these.
  static Optional<RuntimeVersion> parse(SandboxKind kind, String said) {
    var line = LINE.matcher(said);
    if (!line.matches()) {
      return Optional.empty();
    }
    var commit = Optional.ofNullable(line.group(2)).filter(text -> text.startsWith(line.group(1)));
    return Optional.of(new RuntimeVersion(kind, Printable.of(commit.orElse(line.group(1)))));
  }

  /// Holes that the release of this number has; a distribution may have closed them and left the
  /// number. Empty for crun, whose holes these are not.
  List<String> holes() {
    if (kind != SandboxKind.RUNC || !NUMBERS.matcher(text).matches()) {
      return List.of();
    }
    return HOLES.stream()
        .filter(hole -> hole.mended().stream().noneMatch(this::isFrom))
        .filter(hole -> !isAbove(hole.mended().getLast()))
        .map(Hole::names)
        .toList();
  }

  private boolean isAbove(String release) {
    return compare(release) > 0;
  }

  /// Whether it is `release` or a later one of the same branch.
  private boolean isFrom(String release) {
    var own = numbers(text);
    var other = numbers(release);
    return own[0] == other[0] && own[1] == other[1] && compare(release) >= 0;
  }

  private int compare(String release) {
    return java.util.Arrays.compare(numbers(text), numbers(release));
  }

  /// Major, minor, patch, and the release candidate, which for a release is larger than any.
  private static int[] numbers(String version) {
    var parts = NUMBERS.matcher(version);
    if (!parts.matches()) {
      throw new IllegalArgumentException(version);
    }
    var candidate = CANDIDATE.matcher(parts.group(4));
    return new int[] {
      Integer.parseInt(parts.group(1)),
      Integer.parseInt(parts.group(2)),
      Integer.parseInt(parts.group(3)),
      candidate.matches() ? Integer.parseInt(candidate.group(1)) : Integer.MAX_VALUE
    };
  }

  /// Whether a distribution made it, which puts remedies into old releases: Debian, Ubuntu, Fedora
  /// …
  boolean isPatched() {
    return text.matches(".*(\\+ds|deb|ubuntu|\\.fc|\\.el|\\+dfsg|~|suse|alpine).*");
  }

  /// What a person has to be told before steps run in it; empty if nothing.
  public Optional<String> warning() {
    var holes = holes();
    return holes.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "runc "
                + text
                + " is a release with "
                + String.join(", ", holes)
                + ", unless your distribution mended it: see its changelog");
  }
}
