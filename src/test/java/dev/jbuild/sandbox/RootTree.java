package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A small root file system: a shell and a few programs, copied from the machine.
final class RootTree {

  private static final List<String> PROGRAMS =
      List.of(
          "sh",
          "cat",
          "chmod",
          "dd",
          "env",
          "head",
          "hostname",
          "id",
          "ln",
          "ls",
          "mkdir",
          "mknod",
          "mount",
          "rm",
          "setsid",
          "sleep",
          "stat",
          "touch",
          "unshare",
          "yes");
  private static final Pattern LIBRARY = Pattern.compile("(/\\S+) \\(0x");

  private final Path path;

  private RootTree(Path path) {
    this.path = path;
  }

  /// A root in the new directory `path`, with the mount points of every step.
  static RootTree in(Path path) throws IOException, InterruptedException {
    var root = new RootTree(path);
    for (var directory : List.of("bin", "dev", "proc", "sys", "etc", "tmp", "root")) {
      Files.createDirectories(path.resolve(directory));
    }
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.setPosixFilePermissions(
        path.resolve("tmp"), PosixFilePermissions.fromString("rwxrwxrwx"));
    Files.writeString(path.resolve("etc/resolv.conf"), "");
    var busybox =
        Stream.of("/bin/busybox", "/usr/bin/busybox").map(Path::of).filter(Files::exists).findAny();
    for (var program : PROGRAMS) {
      if (busybox.isPresent()) {
        root.link(busybox.get(), program);
      } else {
        root.copy(program);
      }
    }
    return root;
  }

  Path path() {
    return path;
  }

  private void link(Path busybox, String program) throws IOException {
    var copy = path.resolve("bin/busybox");
    if (!Files.exists(copy)) {
      Files.copy(busybox, copy);
    }
    Files.createSymbolicLink(path.resolve("bin/" + program), Path.of("busybox"));
  }

  private void copy(String program) throws IOException, InterruptedException {
    for (var directory : List.of("/bin", "/usr/bin", "/sbin", "/usr/sbin")) {
      var source = Path.of(directory, program);
      if (Files.isExecutable(source)) {
        Files.copy(source, path.resolve("bin/" + program));
        copyLibraries(source);
        return;
      }
    }
    throw new IOException("the machine has no " + program);
  }

  private void copyLibraries(Path program) throws IOException, InterruptedException {
    var ldd = new ProcessBuilder("ldd", program.toString()).start();
    var text = new String(ldd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    ldd.waitFor();
    for (var found = LIBRARY.matcher(text); found.find(); ) {
      var target = path.resolve(found.group(1).substring(1));
      if (!Files.exists(target)) {
        Files.createDirectories(target.getParent());
        Files.copy(Path.of(found.group(1)), target);
      }
    }
  }
}
