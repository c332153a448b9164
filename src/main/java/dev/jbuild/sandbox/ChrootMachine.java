package dev.jbuild.sandbox;

import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// /dev, /proc and /sys of a step that can mount nothing: device nodes, and copies of a few files
/// that say what the machine has. No processes: /proc/self and the like cannot be there, so links
/// such as /dev/stdout lead nowhere.
final class ChrootMachine {

  private static final Map<String, String> LINKS =
      Map.of(
          "fd", "/proc/self/fd",
          "stdin", "/proc/self/fd/0",
          "stdout", "/proc/self/fd/1",
          "stderr", "/proc/self/fd/2");

  private static final List<String> PROC =
      List.of(
          "cpuinfo",
          "filesystems",
          "loadavg",
          "meminfo",
          "stat",
          "uptime",
          "version",
          "sys/kernel/cap_last_cap",
          "sys/kernel/hostname",
          "sys/kernel/ngroups_max",
          "sys/kernel/osrelease",
          "sys/kernel/ostype",
          "sys/kernel/overflowgid",
          "sys/kernel/overflowuid",
          "sys/kernel/pid_max",
          "sys/vm/max_map_count",
          "sys/vm/overcommit_memory");
  private static final List<String> SYS =
      List.of(
          "devices/system/cpu/online", "devices/system/cpu/possible", "devices/system/cpu/present");

  private static final String MOUNTS = "rootfs / rootfs rw 0 0\n";
  private static final int LARGEST = 1 << 20;

  private ChrootMachine() {}

  static void fillDev(Directory dev) throws IOException {
    for (var device : StandardDevice.values()) {
      makeDevice(dev, device);
    }
    for (var link : LINKS.entrySet()) {
      dev.makeSymlink(Utf8.encode(link.getKey()), Utf8.encode(link.getValue()));
    }
    directory(dev, "pts", 0755).close();
    directory(dev, "shm", 01777).close();
  }

  /// Makes one of the standard devices.
  static void makeDevice(Directory dev, StandardDevice device) throws IOException {
    var name = Utf8.encode(device.text());
    dev.makeNode(name, FileType.CHARACTER, 0666, device.major(), device.minor());
    dev.setMode(name, 0666);
  }

  static void fillProc(Directory proc) throws IOException {
    copy(Path.of("/proc"), PROC, proc);
    write(proc, "mounts", Utf8.encode(MOUNTS));
  }

  static void fillSys(Directory sys) throws IOException {
    copy(Path.of("/sys"), SYS, sys);
  }

  private static void copy(Path machine, List<String> names, Directory to) throws IOException {
    for (var name : names) {
      var source = machine.resolve(name);
      if (Files.isReadable(source)) {
        try (var file = Files.newInputStream(source)) {
          write(to, name, file.readNBytes(LARGEST));
        }
      }
    }
  }

  private static void write(Directory at, String path, byte[] bytes) throws IOException {
    int slash = path.indexOf('/');
    if (slash > 0) {
      try (var below = directory(at, path.substring(0, slash), 0755)) {
        write(below, path.substring(slash + 1), bytes);
      }
      return;
    }
    var name = Utf8.encode(path);
    try (var file = at.createFile(name, 0444)) {
      file.write(bytes, 0, bytes.length);
    }
  }

  private static Directory directory(Directory at, String path, int mode) throws IOException {
    var name = Utf8.encode(path);
    if (at.stat(name).isEmpty()) {
      at.makeDirectory(name, 0755);
      at.setMode(name, mode);
    }
    return at.openDirectory(name);
  }
}
