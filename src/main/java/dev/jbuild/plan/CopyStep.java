package dev.jbuild.plan;

import java.util.List;
import java.util.Optional;

/// COPY or ADD.
///
/// @param add whether it is ADD
/// @param sources in order; here-documents after the others
/// @param destination absolute and clean; a slash at its end says that it is a directory
/// @param origin where sources that are paths are looked up
/// @param chown `user[:group]`, names or numbers
/// @param excludes patterns as written, never expanded
/// @param link whether the copy knows nothing of what is below it
/// @param parents whether the sources' directories are kept
/// @param checksum what the one remote source must be: `sha256:…` of a URL, a commit's
///     (abbreviated) name of a git repository
/// @param keepGitDir `--keep-git-dir`, if given
/// @param unpack `--unpack`, if given; else an archive from the context is unpacked by ADD, one
///     from a URL is not
public record CopyStep(
    Head head,
    boolean add,
    List<CopySource> sources,
    String destination,
    Origin origin,
    Optional<String> chown,
    Optional<Chmod> chmod,
    List<String> excludes,
    boolean link,
    boolean parents,
    Optional<String> checksum,
    Optional<Boolean> keepGitDir,
    Optional<Boolean> unpack)
    implements Step {

  public CopyStep {
    sources = List.copyOf(sources);
    excludes = List.copyOf(excludes);
  }

  /// FROM of a named build context: its files become the first layer.
  public static CopyStep ofContext(Stage stage, String context) {
    var text = "FROM " + context;
    return new CopyStep(
        new Head(stage.span(), text, Optional.of(text + " # buildkit"), stage.start().config()),
        false,
        List.of(new CopySource.Files("/", stage.span())),
        "/",
        new Origin.Files(context),
        Optional.empty(),
        Optional.empty(),
        List.of(),
        false,
        false,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /// Whether the destination is a directory by how it is written.
  public boolean intoDirectory() {
    return destination.endsWith("/");
  }

  /// Whether archives that are found at `source` are unpacked.
  public boolean unpacks(CopySource source) {
    return switch (source) {
      case CopySource.Files _ -> unpack.orElse(add);
      case CopySource.Url _ -> unpack.orElse(false);
      case CopySource.Git _, CopySource.Inline _ -> false;
    };
  }
}
