package dev.jbuild.context;

import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import dev.jbuild.tar.TarEntry;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Everything that lies in a context, and which rule decides over it. Of a directory of the host
/// only directories are opened.
public final class ContextSurvey {

  /// One name of the context.
  ///
  /// @param type as the directory says; UNKNOWN where its file system does not tell
  /// @param size in bytes, of a file that is not left out; else 0
  /// @param leftOut whether no COPY sees it. Of a directory that is left out whole only the
  ///     directory is told; one of which something is taken back in is told with all that is in it
  /// @param rule the rule that decides, if any does
  public record Line(
      ArchivePath path,
      FileType type,
      long size,
      boolean leftOut,
      Optional<IgnoreRules.Rule> rule) {}

  /// A name in a directory.
  ///
  /// @param barred whether it is left out whatever the rules say
  record Name(ArchivePath path, FileType type, long size, boolean barred) {}

  /// What is in a directory, in any order.
  @FunctionalInterface
  interface Names {
    /// @param leftOut whether the rules leave a path out: its size is of no interest
    List<Name> in(ArchivePath directory, Predicate<ArchivePath> leftOut) throws IOException;
  }

  private final Names names;
  private final IgnoreRules rules;
  private final Optional<String> ignoreFile;

  /// @param names of the directories of the context
  /// @param ignoreFile what a person calls it
  ContextSurvey(Names names, IgnoreRules rules, Optional<String> ignoreFile) {
    this.names = names;
    this.rules = rules;
    this.ignoreFile = ignoreFile;
  }

  /// Of a context that has no rules: everything is in it.
  public static ContextSurvey of(SourceTree tree) {
    return new ContextSurvey(
        (directory, _) -> {
          var found = new ArrayList<Name>();
          for (var entry : tree.list(directory)) {
            found.add(new Name(entry.path(), type(entry.type()), entry.size(), false));
          }
          return found;
        },
        IgnoreRules.NONE,
        Optional.empty());
  }

  private static FileType type(TarEntry.Type type) {
    return switch (type) {
      case FILE, HARDLINK -> FileType.FILE;
      case DIRECTORY -> FileType.DIRECTORY;
      case SYMLINK -> FileType.SYMLINK;
      case CHARACTER -> FileType.CHARACTER;
      case BLOCK -> FileType.BLOCK;
      case FIFO -> FileType.FIFO;
    };
  }

  /// The name of the ignore file, if there is one.
  public Optional<String> ignoreFile() {
    return ignoreFile;
  }

  /// A name and what the rules say of it.
  private record Decided(Name name, Verdict decision) {}

  /// Tells `reader` of every name, directories first, siblings by their bytes.
  public void read(Consumer<Line> reader) throws IOException {
    var levels = new ArrayDeque<Iterator<Decided>>();
    levels.push(list(ArchivePath.ROOT, Verdict.NONE).iterator());
    while (!levels.isEmpty()) {
      if (!levels.peek().hasNext()) {
        levels.pop();
        continue;
      }
      var next = levels.peek().next();
      var line = line(next);
      reader.accept(line);
      if (line.type() == FileType.DIRECTORY && mayShow(next)) {
        levels.push(list(line.path(), next.decision).iterator());
      }
    }
  }

  private boolean mayShow(Decided each) {
    return !each.name.barred
        && (!rules.excludes(each.decision)
            || rules.mayContainIncluded(each.decision, each.name.path.toString()));
  }

  /// What is at `path`, links not followed; empty if nothing is.
  public Optional<Line> find(ArchivePath path) throws IOException {
    var at = new Decided(new Name(ArchivePath.ROOT, FileType.DIRECTORY, 0, false), Verdict.NONE);
    boolean barred = false;
    var bytes = path.bytes();
    for (int end = 0; end <= bytes.length && bytes.length > 0; end++) {
      if (end < bytes.length && bytes[end] != '/') {
        continue;
      }
      var wanted = ArchivePath.of(Arrays.copyOf(bytes, end));
      var found =
          at.name.type == FileType.DIRECTORY
              ? list(at.name.path, at.decision).stream()
                  .filter(each -> each.name.path.equals(wanted))
                  .findFirst()
              : Optional.<Decided>empty();
      if (found.isEmpty()) {
        return Optional.empty();
      }
      at = found.get();
      barred |= at.name.barred;
    }
    var line = line(at);
    return Optional.of(
        new Line(line.path, line.type, line.size, line.leftOut || barred, line.rule));
  }

  private Line line(Decided each) {
    boolean leftOut = each.name.barred || rules.excludes(each.decision);
    var rule = each.name.barred ? Optional.<IgnoreRules.Rule>empty() : rules.rule(each.decision);
    return new Line(each.name.path, each.name.type, leftOut ? 0 : each.name.size, leftOut, rule);
  }

  private List<Decided> list(ArchivePath directory, Verdict above) throws IOException {
    var decided = new ArrayList<Decided>();
    var inside = rules.in(directory, above);
    for (var name : names.in(directory, path -> rules.excludes(inside.decide(path.name())))) {
      decided.add(new Decided(name, inside.decide(name.path.name())));
    }
    decided.sort(Comparator.comparing(each -> each.name.path));
    return decided;
  }
}
