package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;

/// What a step could do to a file system, at random.
final class RandomChanges {

  private static final List<String> NAMES = List.of("a", "b", "c", "d", "e-f", "\u00E4");

  private final Path target;
  private int counter;

  RandomChanges(Path target) {
    this.target = target;
  }

  /// A layer to begin with.
  static Tars base() {
    return new Tars()
        .mtime(1_000_000_000)
        .directory(".", 0755)
        .directory("a", 0755)
        .directory("a/b", 0700)
        .file("a/b/c", "one")
        .hardlink("a/b/d", "a/b/c")
        .owner(12, 34)
        .directory("b", 01777)
        .xattr("user.x", "1")
        .file("b/a", "two", 0600)
        .file("b/d", "three")
        .directory("b/c")
        .file("b/c/a", "four")
        .file("b/c/b", "five")
        .symlink("c", "a/b")
        .symlink("d", "/b")
        .file("e-f", "six", 04755);
  }

  /// Does something to something; what the system refuses is left.
  void make(Random random) throws IOException {
    var directory = somewhere(random);
    var name = NAMES.get(random.nextInt(NAMES.size()));
    var bytes = name.getBytes(UTF_8);
    try (var here = Directory.open(directory);
        var there = Directory.open(somewhere(random))) {
      switch (random.nextInt(14)) {
        case 0, 1 -> {
          try (var file = here.createFile(bytes, 0644)) {
            write(file, "new " + counter++);
          }
        }
        case 2 -> {
          try (var file = here.openForWriting(bytes)) { // waits for no FIFO
            write(file, "other " + counter++);
          }
        }
        case 3 -> here.removeTree(bytes);
        case 4 -> here.makeDirectory(bytes, 0750);
        case 5 ->
            here.rename(bytes, there, NAMES.get(random.nextInt(NAMES.size())).getBytes(UTF_8));
        case 6 -> here.makeSymlink(bytes, "../b".getBytes(UTF_8));
        case 7 -> there.makeHardLink(("l" + counter++).getBytes(UTF_8), here, bytes);
        case 8 -> here.setMode(bytes, 0600 + (counter++ & 077));
        case 9 -> here.setOwner(bytes, 100 + counter++, 5);
        case 10 -> here.setXattr(bytes, "user.n", ("" + counter++).getBytes(UTF_8));
        case 11 -> here.setTime(bytes, 1_100_000_000 + counter++, 500_000_000);
        case 12 -> {
          here.removeTree(bytes);
          here.makeDirectory(bytes, 0711);
          try (var made = here.openDirectory(bytes);
              var file = made.createFile(new byte[] {'a'}, 0640)) {
            write(file, "inner " + counter++);
          }
        }
        case 13 -> {
          here.removeTree(bytes);
          here.makeNode(bytes, FileType.FIFO, 0600, 0, 0);
        }
        default -> throw new IllegalStateException();
      }
    } catch (LinuxException refused) {
      // so would a program be
    }
  }

  private static void write(OpenFile file, String text) throws IOException {
    var bytes = text.getBytes(UTF_8);
    file.outputStream().write(bytes);
  }

  private Path somewhere(Random random) throws IOException {
    try (var all = Files.walk(target, 4)) {
      var directories =
          all.filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)).sorted().toList();
      return directories.get(random.nextInt(directories.size()));
    }
  }
}
