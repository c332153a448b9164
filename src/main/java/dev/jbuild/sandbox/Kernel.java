package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Utf8;
import dev.jbuild.linux.Directory;
import dev.jbuild.linux.FileType;
import dev.jbuild.linux.LinuxException;
import dev.jbuild.linux.Machine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/// What the machine has, looked up before a step's calls are written down: these make no decisions.
///
/// @param capabilities those of the standard ones that a step can get, one bit each
/// @param allCapabilities all that a privileged step can get
/// @param bounding all that a step could ever get
/// @param lastCapability the highest that exists
/// @param makesDevices whether device nodes that are made here can be used
/// @param devices names below /dev that a step gets
/// @param privilegedDevices those that a privileged step gets too
/// @param hiddenFiles files below /proc that a step sees empty
/// @param hiddenDirectories directories below /proc that a step sees empty
/// @param readOnly paths below /proc that a step cannot write to
record Kernel(
    Processor processor,
    long capabilities,
    long allCapabilities,
    long bounding,
    int lastCapability,
    boolean hasCgroupNamespaces,
    boolean hasMessageQueues,
    boolean hasCpuDirectory,
    boolean makesDevices,
    List<String> devices,
    List<String> privilegedDevices,
    List<String> hiddenFiles,
    List<String> hiddenDirectories,
    List<String> readOnly,
    IdMap users,
    IdMap groups) {

  /// The directory of /sys that programs count processors in.
  static final String CPU_DIRECTORY = "/sys/devices/system/cpu";

  private static final AtomicLong LAST = new AtomicLong();

  /// For images of disks and for containers in a step.
  private static final List<String> PRIVILEGED_DEVICES =
      List.of(
          "fuse",
          "kmsg",
          "kvm",
          "loop-control",
          "loop0",
          "loop1",
          "loop2",
          "loop3",
          "loop4",
          "loop5",
          "loop6",
          "loop7");

  // What containers hide everywhere: memory, keys and timers of the machine and of other users'
  // processes, ways to reset hardware.
  private static final List<String> HIDDEN_FILES =
      List.of(
          "interrupts",
          "kcore",
          "keys",
          "latency_stats",
          "sched_debug",
          "timer_list",
          "timer_stats");
  private static final List<String> HIDDEN_DIRECTORIES = List.of("acpi", "asound", "scsi");
  private static final List<String> READ_ONLY = List.of("bus", "fs", "irq", "sys", "sysrq-trigger");

  /// @param directory of jbuild's own, to try in what only trying tells
  static Kernel probe(Path directory) throws IOException {
    var devices = existing("/dev", StandardDevice.NAMES);
    return new Kernel(
        Processor.current(),
        Capabilities.available(),
        Capabilities.permitted(),
        Capabilities.bounding(),
        Capabilities.last(),
        Files.exists(Path.of("/proc/self/ns/cgroup")),
        hasFileSystem("mqueue"),
        Files.isDirectory(Path.of(CPU_DIRECTORY)),
        makesDevices(directory, devices),
        devices,
        existing("/dev", PRIVILEGED_DEVICES),
        existing("/proc", HIDDEN_FILES),
        existing("/proc", HIDDEN_DIRECTORIES),
        existing("/proc", READ_ONLY),
        IdMap.read(Path.of("/proc/self/uid_map")),
        IdMap.read(Path.of("/proc/self/gid_map")));
  }

  /// The control group of a container, or its profile, may refuse devices to one who has the
  /// capability for them.
  private static boolean makesDevices(Path directory, List<String> devices) throws IOException {
    if (Machine.inUserNamespace() || !Capabilities.mayMakeDevices(Capabilities.permitted())) {
      return false;
    }
    try (var parent = Directory.open(directory)) {
      for (var text : devices) {
        var device = StandardDevice.named(text);
        var name = Utf8.encode("device-" + Machine.pid() + "-" + LAST.incrementAndGet());
        parent.makeNode(name, FileType.CHARACTER, 0600, device.major(), device.minor());
        parent.unlink(name);
      }
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  private static List<String> existing(String directory, List<String> names) {
    return names.stream().filter(name -> Files.exists(Path.of(directory, name))).toList();
  }

  private static boolean hasFileSystem(String name) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/filesystems"))) {
      return lines.anyMatch(line -> line.endsWith("\t" + name));
    }
  }

  /// Refuses a user whom the kernel cannot tell apart here.
  void checkIds(StepUser user) {
    check(users, "user", user.uid());
    check(groups, "group", user.gid());
    user.groups().forEach(group -> check(groups, "group", group));
  }

  private static void check(IdMap map, String kind, long id) {
    if (!map.contains(id)) {
      throw BuildFailure.of(
              BuildFailure.Kind.SANDBOX,
              "the step needs " + kind + " ID " + id + ", which is not among those given to you")
          .hint(
              "have the range in /etc/sub"
                  + (kind.equals("user") ? "uid" : "gid")
                  + " made larger");
    }
  }
}
