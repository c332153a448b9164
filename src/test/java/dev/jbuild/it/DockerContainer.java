package dev.jbuild.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A container as Docker and Kubernetes give it to a CI job: root, with the standard capabilities
/// and the standard filter of system calls, no user namespace, /proc masked, on an overlay. Made
/// with runc; the machine's own programs are in it, read-only.
final class DockerContainer {

  private static final Path CALLS = Path.of("src/main/java/dev/jbuild/sandbox/KnownCalls.java");

  private static final List<String> CAPABILITIES =
      List.of(
          "CAP_AUDIT_WRITE",
          "CAP_CHOWN",
          "CAP_DAC_OVERRIDE",
          "CAP_FOWNER",
          "CAP_FSETID",
          "CAP_KILL",
          "CAP_MKNOD",
          "CAP_NET_BIND_SERVICE",
          "CAP_NET_RAW",
          "CAP_SETFCAP",
          "CAP_SETGID",
          "CAP_SETPCAP",
          "CAP_SETUID",
          "CAP_SYS_CHROOT");

  private final Path directory;
  private final Map<Path, String> bound = new LinkedHashMap<>();
  private final List<String> environment =
      new ArrayList<>(List.of("PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root"));

  /// @param directory an empty one, for all that it is made of
  DockerContainer(Path directory) {
    this.directory = directory;
    for (var path : List.of("/usr", "/opt")) {
      bind(Path.of(path), path);
    }
    var java = System.getProperty("java.home", "");
    bind(Path.of(java), java);
    env("JBUILD_JAVA_HOME", java);
    bind(Path.of("target/jbuild").toAbsolutePath(), "/jbuild");
  }

  /// Shows a file or directory of the machine, read-only.
  DockerContainer bind(Path source, String target) {
    if (Files.exists(source)) {
      bound.put(source, target);
    }
    return this;
  }

  DockerContainer env(String name, String value) {
    environment.add(name + "=" + value);
    return this;
  }

  /// Runs a shell script in it to its end, in /pod.
  Outcome run(String script) {
    var name = "jbuild-it-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
    try {
      Files.writeString(
          directory.resolve("config.json"), new ObjectMapper().writeValueAsString(config(script)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var start =
        """
        mkdir -p lower upper work rootfs state
        cd lower; mkdir -p etc tmp root pod proc dev sys
        chmod 1777 tmp
        for each in bin sbin lib lib64; do ln -sfn usr/$each $each; done
        for each in passwd group resolv.conf ssl alternatives; do
          [ ! -e /etc/$each ] || cp -rL /etc/$each etc/ 2>/dev/null || :
        done
        cd ..
        mount -t overlay overlay -o lowerdir=lower,upperdir=upper,workdir=work rootfs
        exec runc --root "$PWD/state" run --bundle "$PWD" "$1"
        """;
    return Tools.run(
        directory,
        Map.of(),
        List.of("unshare", "--mount", "--propagation", "slave", "sh", "-ec", start, "sh", name));
  }

  private Map<String, Object> config(String script) throws IOException {
    var sets = new LinkedHashMap<String, Object>();
    for (var set : List.of("bounding", "effective", "permitted")) {
      sets.put(set, CAPABILITIES);
    }
    var process =
        Map.of(
            "terminal",
            false,
            "user",
            Map.of("uid", 0, "gid", 0),
            "args",
            List.of("/bin/sh", "-ec", script),
            "env",
            environment,
            "cwd",
            "/pod",
            "capabilities",
            sets,
            "noNewPrivileges",
            false);
    return Map.of(
        "ociVersion",
        "1.0.2",
        "process",
        process,
        "root",
        Map.of("path", "rootfs", "readonly", false),
        "hostname",
        "ci",
        "mounts",
        mounts(),
        "linux",
        Map.of(
            "namespaces",
            List.of("pid", "ipc", "uts", "mount").stream()
                .map(type -> Map.of("type", type))
                .toList(),
            "seccomp",
            seccomp(),
            "maskedPaths",
            List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"),
            "readonlyPaths",
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger")));
  }

  private List<Map<String, Object>> mounts() {
    var mounts = new ArrayList<Map<String, Object>>();
    mounts.add(mount("/proc", "proc", "proc", List.of("nosuid", "noexec", "nodev")));
    mounts.add(mount("/dev", "tmpfs", "tmpfs", List.of("nosuid", "mode=755", "size=65536k")));
    mounts.add(
        mount(
            "/dev/pts",
            "devpts",
            "devpts",
            List.of("nosuid", "noexec", "newinstance", "ptmxmode=0666")));
    mounts.add(
        mount("/dev/shm", "tmpfs", "shm", List.of("nosuid", "noexec", "nodev", "mode=1777")));
    mounts.add(mount("/sys", "bind", "/sys", List.of("rbind", "ro", "nosuid", "noexec", "nodev")));
    bound.forEach(
        (source, target) ->
            mounts.add(mount(target, "bind", source.toString(), List.of("rbind", "ro"))));
    return mounts;
  }

  private static Map<String, Object> mount(
      String target, String type, String source, List<String> options) {
    return Map.of("destination", target, "type", type, "source", source, "options", options);
  }

  /// The list of what containers may call is the one that jbuild's own steps have.
  private static Map<String, Object> seccomp() throws IOException {
    var allowed = new ArrayList<String>();
    for (var line : Files.readAllLines(CALLS)) {
      var fields = line.strip().split(" +", -1);
      if (!line.startsWith("#") && fields.length == 6 && fields[5].equals("allow")) {
        allowed.add(fields[0]);
      }
    }
    long namespaces = 0x7E02_0000L;
    var rules = new ArrayList<Map<String, Object>>();
    rules.add(Map.of("names", allowed, "action", "SCMP_ACT_ALLOW"));
    rules.add(
        Map.of(
            "names",
            List.of("clone"),
            "action",
            "SCMP_ACT_ALLOW",
            "args",
            List.of(
                Map.of(
                    "index", 0, "value", namespaces, "valueTwo", 0, "op", "SCMP_CMP_MASKED_EQ"))));
    rules.add(Map.of("names", List.of("clone3"), "action", "SCMP_ACT_ERRNO", "errnoRet", 38));
    rules.add(Map.of("names", List.of("socket", "personality"), "action", "SCMP_ACT_ALLOW"));
    return Map.of("defaultAction", "SCMP_ACT_ERRNO", "defaultErrnoRet", 1, "syscalls", rules);
  }
}
