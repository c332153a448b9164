package dev.jbuild.sandbox;

import static java.util.Map.entry;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a container runtime is told of a step: `config.json` of the OCI runtime specification
/// 1.0.2. It says what [RootCalls] and [PrivilegeCalls] do in the sandbox of namespaces. There are
/// no hooks.
final class RuntimeBundle {

  private static final String VERSION = "1.0.2";
  private static final int UMASK = 022;
  private static final long SHARED_MEMORY = 64 << 20;

  private final Path directory;
  private final StepSpec step;
  private final Kernel kernel;
  private final Map<String, Object> seccomp;
  private final Keeping keeping;

  /// Which limits of memory and processes the runtime is told to keep by itself.
  enum Keeping {
    /// None: the container stays in the group that the runtime is started in.
    NOTHING,
    /// All but that of what is swapped out, of which the machine keeps no account.
    WITHOUT_SWAP,
    ALL
  }

  /// @param directory the bundle's own
  /// @param seccomp as [SeccompFilter#document] tells
  RuntimeBundle(
      Path directory, StepSpec step, Kernel kernel, Map<String, Object> seccomp, Keeping keeping) {
    this.keeping = keeping;
    this.directory = directory;
    this.step = step;
    this.kernel = kernel;
    this.seccomp = seccomp;
  }

  /// Where what the step brings along is mounted before the runtime starts, by its number: only
  /// what is opened inside its own root is followed (CVE-2024-1753).
  Path place(int mount) {
    return directory.resolve("mounts").resolve(Integer.toString(mount));
  }

  /// Where files in memory are written.
  Path memory() {
    return directory.resolve("memory");
  }

  /// Makes what has to be there before the runtime starts, but for [#configure].
  void make() throws IOException {
    Files.createDirectory(directory.resolve("mounts"));
    Files.createDirectory(memory());
    for (int i = 0; i < step.mounts().size(); i++) {
      if (step.mounts().get(i).isOnDirectory()) {
        Files.createDirectory(place(i));
      } else {
        Files.createFile(place(i));
      }
    }
  }

  /// Writes down what the runtime is told.
  ///
  /// @param group where the runtime is to make the container's control group; empty for where it
  ///     likes
  void configure(boolean hasTerminal, Optional<String> group) throws IOException {
    var config = JsonDocument.of(config(hasTerminal, group));
    Files.writeString(directory.resolve("config.json"), config);
  }

  private Map<String, Object> config(boolean hasTerminal, Optional<String> group) {
    var config = new LinkedHashMap<String, Object>();
    config.put("ociVersion", VERSION);
    config.put("process", process(hasTerminal));
    config.put(
        "root",
        Map.of(
            "path",
            step.root().toAbsolutePath().toString(),
            "readonly",
            step.allowance().isReadOnly()));
    config.put("hostname", step.hostname());
    config.put("mounts", mounts());
    config.put("linux", linux(group));
    return config;
  }

  private Map<String, Object> process(boolean hasTerminal) {
    var user = step.user();
    var held =
        Capability.names(
            Capability.mask(step.allowance().capabilities()) & kernel.allCapabilities());
    var own = user.uid() == 0 ? held : List.<String>of();
    var process = new LinkedHashMap<String, Object>();
    process.put("terminal", hasTerminal);
    process.put(
        "user",
        Map.of(
            "uid", user.uid(), "gid", user.gid(), "umask", UMASK, "additionalGids", user.groups()));
    process.put("args", step.argv());
    process.put("env", step.environment());
    process.put("cwd", step.directory());
    process.put("capabilities", Map.of("bounding", held, "effective", own, "permitted", own));
    process.put("rlimits", step.allowance().limits().stream().map(RuntimeBundle::limit).toList());
    process.put("noNewPrivileges", false);
    return process;
  }

  private static Map<String, Object> limit(Allowance.Limit limit) {
    return Map.of(
        "type",
        "RLIMIT_" + limit.resource().name(),
        "soft",
        unsigned(limit.soft()),
        "hard",
        unsigned(limit.hard()));
  }

  private static Number unsigned(long limit) {
    return limit == -1 ? new java.math.BigInteger(Long.toUnsignedString(-1)) : limit;
  }

  private List<Map<String, Object>> mounts() {
    var mounts = new ArrayList<Map<String, Object>>();
    mounts.add(mount("/proc", "proc", "proc", "nosuid", "noexec", "nodev"));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"));
    var terminals = new ArrayList<>(List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666"));
    if (kernel.groups().contains(RootCalls.TTY_GROUP)) {
      terminals.addAll(List.of("mode=0620", "gid=" + RootCalls.TTY_GROUP));
    }
    mounts.add(mount("/dev/pts", "devpts", "devpts", terminals.toArray(String[]::new)));
    var size = "size=" + step.allowance().sharedMemory().orElse(SHARED_MEMORY);
    mounts.add(mount("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", size));
    if (kernel.hasMessageQueues()) {
      mounts.add(mount("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"));
    }
    mounts.add(
        mount("/sys", "tmpfs", "tmpfs", "nosuid", "noexec", "nodev", "mode=755", "size=64k"));
    if (kernel.hasCpuDirectory()) {
      var cpu = Kernel.CPU_DIRECTORY;
      mounts.add(mount(cpu, "bind", cpu, "rbind", "ro", "nosuid", "noexec", "nodev"));
    }
    for (int i = 0; i < step.mounts().size(); i++) {
      mounts.add(brought(i));
    }
    return mounts;
  }

  private Map<String, Object> brought(int number) {
    return switch (step.mounts().get(number)) {
      case StepMount.Bind bind -> bound(bind.target(), number, bind.isReadOnly());
      case StepMount.Content content -> bound(content.target(), number, content.isReadOnly());
      case StepMount.Tmpfs tmpfs -> {
        var options = new ArrayList<>(List.of("nosuid", "nodev", "mode=1777"));
        if (tmpfs.size() > 0) {
          options.add("size=" + tmpfs.size());
        }
        if (tmpfs.isReadOnly()) {
          options.add("ro");
        }
        yield mount(tmpfs.target(), "tmpfs", "tmpfs", options.toArray(String[]::new));
      }
    };
  }

  private Map<String, Object> bound(String target, int number, boolean isReadOnly) {
    var access = isReadOnly ? "ro" : "rw";
    return mount(target, "bind", place(number).toString(), "rbind", "nodev", access);
  }

  private static Map<String, Object> mount(
      String target, String type, String source, String... options) {
    return Map.ofEntries(
        entry("destination", target),
        entry("type", type),
        entry("source", source),
        entry("options", List.of(options)));
  }

  private Map<String, Object> linux(Optional<String> group) {
    var namespaces = new ArrayList<Map<String, Object>>();
    for (var type : List.of("pid", "ipc", "uts", "mount")) {
      namespaces.add(Map.of("type", type));
    }
    if (kernel.hasCgroupNamespaces()) {
      namespaces.add(Map.of("type", "cgroup"));
    }
    if (step.network() == Network.NONE) {
      namespaces.add(Map.of("type", "network"));
    }
    var linux = new LinkedHashMap<String, Object>();
    linux.put("namespaces", namespaces);
    group.ifPresent(path -> linux.put("cgroupsPath", path));
    linux.put("resources", resources());
    linux.put("seccomp", seccomp);
    linux.put("maskedPaths", below("/proc", kernel.hiddenFiles(), kernel.hiddenDirectories()));
    var readOnly = below("/proc", kernel.readOnly(), List.of());
    readOnly.add("/sys");
    linux.put("readonlyPaths", readOnly);
    return linux;
  }

  private Map<String, Object> resources() {
    var resources = new LinkedHashMap<String, Object>();
    resources.put("devices", List.of(Map.of("allow", false, "access", "rwm")));
    var quota = step.allowance().quota();
    if (keeping != Keeping.NOTHING && quota.memory().isPresent()) {
      long memory = quota.memory().getAsLong();
      long total = quota.total();
      resources.put(
          "memory",
          keeping == Keeping.WITHOUT_SWAP || total == -1
              ? Map.of("limit", memory)
              : Map.of("limit", memory, "swap", total));
    }
    if (keeping != Keeping.NOTHING && quota.processes().isPresent()) {
      resources.put("pids", Map.of("limit", quota.processes().getAsLong()));
    }
    return resources;
  }

  private static List<String> below(String directory, List<String> names, List<String> more) {
    var paths = new ArrayList<String>();
    names.forEach(name -> paths.add(directory + "/" + name));
    more.forEach(name -> paths.add(directory + "/" + name));
    return paths;
  }
}
