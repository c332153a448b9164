package dev.jbuild.bench;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/// What the scenarios build: made from a seed, the same on every machine.
///
/// @param scale 1 for the sizes of docs/performance.md; less for a quick look
record Inputs(Path directory, double scale) {

  /// Files as a source tree has them: half text, half incompressible, sizes from 0 to 19 kB; at
  /// full scale 20,000 of them are 181 MiB.
  ///
  /// @param round makes the content another one, so that no builder has seen it
  Path tree(String name, int files, int round) throws IOException, InterruptedException {
    var root = directory.resolve(name + "-" + round);
    if (Files.exists(root)) {
      return root;
    }
    int count = Math.max(10, (int) (files * scale));
    var random = new Random(42L + round);
    var line =
        ("round " + round + ": the quick brown fox jumps over the lazy dog\n")
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < count; i++) {
      var parent = root.resolve("d%02d/e%d".formatted(i % 100, i / 100 % 10));
      Files.createDirectories(parent);
      var content = new byte[random.nextInt(19_000)];
      if (i % 2 == 0) {
        random.nextBytes(content);
      } else {
        for (int at = 0; at < content.length; at++) {
          content[at] = line[(at + i) % line.length];
        }
      }
      Files.write(parent.resolve("file%05d.txt".formatted(i)), content);
    }
    return root;
  }

  /// Gives one file of a tree another content.
  static void changeOne(Path tree, String content) throws IOException {
    Files.writeString(tree.resolve("d07/e0/file00007.txt"), content + "\n");
  }

  /// Gives every file of a tree another time, as a fresh checkout does.
  static void touchAll(Path tree) throws IOException {
    var time = FileTime.from(Instant.now());
    try (var files = Files.walk(tree)) {
      for (var file : (Iterable<Path>) files::iterator) {
        if (Files.isRegularFile(file)) {
          Files.setLastModifiedTime(file, time);
        }
      }
    }
  }

  /// One large file, half of it incompressible.
  ///
  /// @param mebibytes at full scale
  Path large(String name, int mebibytes, int round) throws IOException {
    var root = Files.createDirectories(directory.resolve(name + "-" + round));
    var file = root.resolve("large.bin");
    if (Files.exists(file)) {
      return root;
    }
    var random = new Random(7L + round);
    var block = new byte[1 << 20];
    try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      for (int i = 0; i < Math.max(1, (int) (mebibytes * scale)); i++) {
        if (i % 2 == 0) {
          random.nextBytes(block);
        } else {
          java.util.Arrays.fill(block, (byte) i);
        }
        out.write(block);
      }
    }
    return root;
  }

  /// One large file, half of it noise and half words in random order.
  ///
  /// @param mebibytes at full scale
  Path words(String name, int mebibytes, int round) throws IOException {
    var root = Files.createDirectories(directory.resolve(name + "-" + round));
    var random = new Random(11L + round);
    var words = new byte[20_000][];
    for (int i = 0; i < words.length; i++) {
      words[i] = new byte[3 + random.nextInt(9)];
      for (int at = 0; at + 1 < words[i].length; at++) {
        words[i][at] = (byte) ('a' + random.nextInt(26) * random.nextInt(26) / 26);
      }
      words[i][words[i].length - 1] = ' ';
    }
    var block = new byte[1 << 20];
    try (var out = Files.newOutputStream(root.resolve(name + ".bin"))) {
      for (int i = 0; i < Math.max(2, (int) (mebibytes * scale)); i++) {
        if (i % 2 == 0) {
          random.nextBytes(block);
        } else {
          for (int at = 0; at < block.length; ) {
            var word = words[random.nextInt(words.length)];
            int some = Math.min(word.length, block.length - at);
            System.arraycopy(word, 0, block, at, some);
            at += some;
          }
        }
        out.write(block);
      }
    }
    return root;
  }

  /// A root file system with a shell in it: busybox and its names.
  Path rootFileSystem() throws IOException, InterruptedException {
    var root = directory.resolve("rootfs");
    if (Files.exists(root)) {
      return root;
    }
    for (var each : new String[] {"bin", "etc", "tmp", "usr/bin", "var/lib"}) {
      Files.createDirectories(root.resolve(each));
    }
    Files.copy(Path.of("/bin/busybox"), root.resolve("bin/busybox"));
    for (var applet : "sh ls cat echo true dd mkdir seq head sleep touch cp rm".split(" ", -1)) {
      Files.createSymbolicLink(root.resolve("bin").resolve(applet), Path.of("busybox"));
    }
    root.resolve("bin/busybox").toFile().setExecutable(true, false);
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/root:/bin/sh\n");
    Files.writeString(root.resolve("etc/group"), "root:x:0:\n");
    return root;
  }

  /// The same, with files as a distribution has them beside it, as a tar: 194 MiB at full scale.
  Path rootFileSystemTar() throws IOException, InterruptedException {
    var tar = directory.resolve("distribution.tar");
    if (!Files.exists(tar)) {
      var more = tree("distribution", 21_000, 0);
      var root = rootFileSystem();
      var command = new ArrayList<String>(List.of("tar", "-cf", tar.toString()));
      command.addAll(List.of("-C", root.toString(), ".", "-C", more.toString()));
      command.addAll(List.of(Objects.requireNonNull(more.toFile().list()))); // "." is in it once
      run(command.toArray(String[]::new));
    }
    return tar;
  }

  /// Only the busybox part as a tar, which every builder's base image is made of.
  Path baseTar() throws IOException, InterruptedException {
    var tar = directory.resolve("base.tar");
    if (!Files.exists(tar)) {
      run("tar", "-cf", tar.toString(), "-C", rootFileSystem().toString(), ".");
    }
    return tar;
  }

  /// A context of nothing but a Dockerfile.
  Path dockerfile(String name, String text) throws IOException, InterruptedException {
    var context = Files.createDirectories(directory.resolve("context-" + name));
    write(context.resolve("Dockerfile"), text);
    return context;
  }

  /// Makes a file be so; one that is so already keeps its times, as a Dockerfile does that nobody
  /// changes.
  static void write(Path file, String text) throws IOException, InterruptedException {
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      Files.writeString(file, text);
      // What is younger than a tick of the clock is read again by who builds at once, as it may
      // have changed within the tick: nobody's rebuild, since people do not build that fast.
      Thread.sleep(Duration.ofSeconds(1));
    }
  }

  private static void run(String... command) throws IOException, InterruptedException {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command));
    }
  }
}
