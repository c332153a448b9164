package dev.jbuild.context;

import dev.jbuild.failure.Source;
import dev.jbuild.loops.Loop;
import dev.jbuild.tar.ArchivePath;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/// Twenty rules of a `.dockerignore` over 20,000 paths, directory by directory as a tree is listed.
/// The floor is one pass over the bytes of the paths.
public class IgnoreLoop extends Loop {

  private static final String RULES =
      """
      .git
      .gitignore
      .idea
      .vscode
      **/node_modules
      **/__pycache__
      **/*.pyc
      **/*.class
      **/*.log
      **/.DS_Store
      target
      build
      dist
      coverage
      *.md
      !README.md
      docs/**/*.png
      test/fixtures/*/large
      **/*.test.js
      docker-compose*.yml
      """;

  private static final int DIRECTORIES = 200;
  private static final String[] NAMES = {".java", ".js", ".test.js", ".pyc", ".txt"};

  private record Level(ArchivePath directory, List<byte[]> names) {}

  private final List<Level> levels = new ArrayList<>();
  private final List<byte[]> bytes = new ArrayList<>();
  private IgnoreRules rules = IgnoreRules.NONE;

  /// Reads the rules and makes the paths.
  @Setup
  public void prepare() {
    rules = IgnoreRules.parse(new Source(".dockerignore", RULES));
    for (int i = 0; i < DIRECTORIES; i++) {
      var directory = ArchivePath.of("src/module%02d/package%02d".formatted(i / 20, i % 20));
      var names = new ArrayList<byte[]>();
      for (int n = 0; n < 20_000 / DIRECTORIES; n++) {
        var path = directory.child("Source%03d".formatted(n) + NAMES[n % NAMES.length]);
        names.add(path.name());
        bytes.add(path.bytes());
      }
      levels.add(new Level(directory, names));
    }
  }

  /// How many are left out.
  @Benchmark
  public int ignore() {
    int out = 0;
    for (var level : levels) {
      var inside = rules.in(level.directory, rules.decide(level.directory));
      for (var name : level.names) {
        out += rules.excludes(inside.decide(name)) ? 1 : 0;
      }
    }
    return out;
  }

  /// The sum of all bytes.
  @Benchmark
  public int ignoreFloor() {
    int sum = 0;
    for (var path : bytes) {
      for (byte b : path) {
        sum += b;
      }
    }
    return sum;
  }
}
