package dev.jbuild.context;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Everything that lies in a context directory, and which rule decides over it. Opens directories
/// only.
public final class ContextSurvey {

  /// One name of the directory.
  ///
  /// @param type as the directory says; UNKNOWN where its file system does not tell
  /// @param leftOut whether no COPY sees it. Of a directory that is left out whole only the
  ///     directory is told; one of which something is taken back in is told with all that is in it
  /// @param rule the rule that decides, if any does
  public record Line(
      ArchivePath path, FileType type, boolean leftOut, Optional<IgnoreRules.Rule> rule) {}

  private final Directory root;
  private final IgnoreRules rules;

  ContextSurvey(Directory root, IgnoreRules rules) {
    this.root = root;
    this.rules = rules;
  }

  private record Name(ArchivePath path, FileType type, Verdict decision) {}

  /// Tells `reader` of every name, directories first, siblings by their bytes.
  public void read(Consumer<Line> reader) throws IOException {
    var files = new HostFiles(root, StatCache.none(), Optional.empty(), _ -> {});
    var levels = new ArrayDeque<Iterator<Name>>();
    levels.push(list(files, ArchivePath.ROOT, Verdict.NONE));
    while (!levels.isEmpty()) {
      if (!levels.peek().hasNext()) {
        levels.pop();
        continue;
      }
      var name = levels.peek().next();
      boolean leftOut = rules.excludes(name.decision);
      reader.accept(new Line(name.path, name.type, leftOut, rules.rule(name.decision)));
      if (name.type == FileType.DIRECTORY
          && (!leftOut || rules.mayContainIncluded(name.decision, name.path.toString()))) {
        levels.push(list(files, name.path, name.decision));
      }
    }
  }

  private Iterator<Name> list(HostFiles files, ArchivePath directory, Verdict above)
      throws IOException {
    List<Name> names = new ArrayList<>();
    try (var handle = files.open(directory)) {
      for (var entry : handle.list()) {
        var path = directory.child(entry.name());
        Verdict decision = rules.isEmpty() ? above : rules.decide(above, path.toString());
        var type = entry.type();
        if (type == FileType.UNKNOWN) {
          type = handle.stat(entry.name()).map(stat -> stat.type()).orElse(type);
        }
        names.add(new Name(path, type, decision));
      }
    }
    names.sort(Comparator.comparing(Name::path));
    return names.iterator();
  }
}
