package dev.jbuild.context;

import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// A directory with files for a test, and the trees over it.
final class Workspace implements AutoCloseable {

  final Path path;
  final Directory root;

  Workspace(Path path) throws IOException {
    this.path = Files.createDirectories(path);
    this.root = Directory.open(path);
  }

  Workspace file(String name, String content) throws IOException {
    var file = path.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
    return this;
  }

  Workspace directory(String name) throws IOException {
    Files.createDirectories(path.resolve(name));
    return this;
  }

  Workspace link(String name, String target) throws IOException {
    var link = path.resolve(name);
    Files.createDirectories(link.getParent());
    Files.createSymbolicLink(link, Path.of(target));
    return this;
  }

  Workspace bytesFile(byte[] name, String content) throws IOException {
    try (var file = root.createFile(name, 0644)) {
      var bytes = content.getBytes(StandardCharsets.UTF_8);
      file.write(bytes, 0, bytes.length);
    }
    return this;
  }

  LocalTree tree(String... ignoreLines) {
    return tree(StatCache.none(), ignoreLines);
  }

  LocalTree tree(StatCache cache, String... ignoreLines) {
    return new LocalTree(root, rules(ignoreLines), cache, Optional.empty());
  }

  static IgnoreRules rules(String... lines) {
    return IgnoreRules.parse(new Source(".dockerignore", String.join("\n", lines)));
  }

  /// The names of all files of `tree`, as text.
  static List<String> names(SourceTree tree) throws IOException {
    return names(new Selection(List.of("."), false, IgnoreRules.NONE), tree);
  }

  /// What `selection` would copy, as text; a directory with a slash behind.
  static List<String> names(Selection selection, SourceTree tree) throws IOException {
    var names = new java.util.ArrayList<String>();
    for (var match : selection.in(tree)) {
      if (match instanceof SourceMatch.Matched(_, var selected)) {
        for (var one : selected) {
          one.all().forEach(found -> names.add(shown(found)));
        }
      } else {
        names.add(match.getClass().getSimpleName());
      }
    }
    return names;
  }

  private static String shown(Found found) {
    return found.path() + (found.entry().isDirectory() ? "/" : "");
  }

  static SourceEntry entry(SourceTree tree, String path) throws IOException {
    return tree.lookup(ArchivePath.of(path)).orElseThrow();
  }

  static String content(SourceTree tree, SourceEntry entry) throws IOException {
    try (var in = tree.open(entry)) {
      return Utf8.decode(in.readAllBytes());
    }
  }

  /// Takes the files away first: JUnit warns of links that lead out of its directory.
  @Override
  public void close() throws IOException {
    for (var entry : root.list()) {
      root.removeTree(entry.name());
    }
    root.close();
  }
}
