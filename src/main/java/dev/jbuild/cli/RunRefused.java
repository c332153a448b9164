package dev.jbuild.cli;

import dev.jbuild.cli.Refused.Row;
import dev.jbuild.cli.Refused.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Options of docker run and podman run that jbuild knows by name and does not obey.
final class RunRefused {

  private static final String NO_CGROUP = "jbuild limits memory and processes, not processors";
  private static final String NO_DISKS = "jbuild limits no input and output";
  private static final String HOST_NETWORK = "a container has the network of this machine, or none";
  private static final String FOREGROUND =
      "jbuild run stays with its container, and has no daemon that could watch over it";
  private static final String NAMESPACES = "a container has namespaces of its own";
  private static final String NO_LABELS = "containers of jbuild have a name and no labels";
  private static final String NO_POD = "jbuild has no pods";
  private static final String OWN_IDS = "the launcher chooses the range of user IDs";
  private static final String NO_LOGS = "what a container writes goes to jbuild's own output";
  private static final String OWN_FILES = "jbuild provides /etc/hosts and /etc/resolv.conf itself";
  private static final String FIXED_DEVICES = "containers have a fixed set of devices";
  private static final Set<String> YES = Set.of("", "true");
  private static final Set<String> NO = Set.of("false");

  private static final List<Row> ROWS = rows();

  private RunRefused() {}

  private static List<Row> rows() {
    var rows = new ArrayList<Row>();
    needed(rows, NO_CGROUP, "--cpu-period", "--cpu-quota", "--cpu-rt-period", "--cpu-rt-runtime");
    needed(rows, NO_CGROUP, "--cpu-shares", "-c", "--cpus", "--cpuset-cpus", "--cpuset-mems");
    needed(rows, NO_CGROUP, "--cgroup-parent", "--cgroup-conf", "--kernel-memory");
    needed(rows, NO_CGROUP, "--memory-reservation", "--memory-swappiness", "--oom-score-adj");
    needed(rows, NO_DISKS, "--blkio-weight", "--blkio-weight-device", "--device-read-bps");
    needed(rows, NO_DISKS, "--device-read-iops", "--device-write-bps", "--device-write-iops");
    needed(rows, NO_DISKS, "--storage-opt");
    needed(rows, HOST_NETWORK, "--ip", "--ip6", "--link", "--link-local-ip", "--mac-address");
    needed(rows, HOST_NETWORK, "--network-alias", "--net-alias");
    needed(rows, FOREGROUND, "--detach-keys", "--conmon-pidfile", "--sdnotify", "--timeout");
    needed(rows, FOREGROUND, "--health-cmd", "--health-interval", "--health-retries");
    needed(rows, FOREGROUND, "--health-start-interval", "--health-start-period");
    needed(rows, FOREGROUND, "--health-timeout", "--health-on-failure");
    needed(rows, NO_LABELS, "-l", "--label", "--label-file", "--annotation");
    needed(rows, NO_POD, "--pod", "--pod-id-file", "--init-ctr", "--requires");
    needed(rows, OWN_IDS, "--uidmap", "--gidmap", "--subuidname", "--subgidname", "--hostuser");
    needed(rows, NO_LOGS, "--log-driver", "--log-opt");
    needed(rows, OWN_FILES, "--dns", "--dns-option", "--dns-opt", "--dns-search", "--hosts-file");
    needed(rows, FIXED_DEVICES, "--device", "--device-cgroup-rule", "--gpus");
    needed(rows, "jbuild makes no entries in /etc/passwd", "--passwd-entry", "--group-entry");
    needed(rows, "a container has an id once it is kept: see jbuild ps", "--cidfile", "--pidfile");
    needed(rows, "sysctls of a container are read-only", "--sysctl");
    needed(rows, "jbuild keeps no volumes: name a directory of this machine", "--volume-driver");
    needed(rows, "--sandbox chooses how a container is kept apart", "--runtime");
    needed(rows, "--hostname names the container whole", "--domainname");
    needed(rows, "--platform says it: --platform linux/arm64", "--arch", "--os", "--variant");
    needed(rows, "-e and --env-file say it", "--env-merge", "--unsetenv", "--tz");
    needed(rows, "a container gets standard input with -i, and nothing else", "--attach", "-a");
    needed(rows, "descriptors of jbuild are not passed on", "--preserve-fd", "--preserve-fds");
    needed(rows, "-v gives files to a container: -v FILE:/run/secrets/NAME:ro", "--secret");
    needed(rows, "jbuild runs images: jbuild import makes one of a directory", "--init-path");
    needed(rows, "containers inherit jbuild's umask of 022", "--umask");
    needed(rows, "containers get no class of processor caches", "--rdt-class");
    needed(rows, "jbuild decrypts no images", "--decryption-key");
    needed(rows, "containers have the personality of jbuild", "--personality");
    needed(rows, "directories are mounted with -v", "--chrootdirs");
    needed(rows, "the filter of system calls is always there", "--seccomp-policy");
    rows.add(new Row("--ipc", Value.NEEDED, NAMESPACES, Set.of("private", "")));
    rows.add(new Row("--pid", Value.NEEDED, NAMESPACES, Set.of("private", "")));
    rows.add(new Row("--uts", Value.NEEDED, NAMESPACES, Set.of("private", "")));
    rows.add(new Row("--cgroupns", Value.NEEDED, NAMESPACES, Set.of("private")));
    rows.add(new Row("--cgroups", Value.NEEDED, NO_CGROUP, Set.of("enabled")));
    rows.add(new Row("--userns", Value.NEEDED, OWN_IDS, Set.of("")));
    rows.add(new Row("--isolation", Value.NEEDED, NAMESPACES, Set.of("default")));
    rows.add(new Row("--restart", Value.NEEDED, FOREGROUND, Set.of("no")));
    rows.add(new Row("--systemd", Value.NEEDED, "no container is set up for systemd", NO));
    rows.add(
        new Row(
            "--security-opt",
            Value.NEEDED,
            "what a container may do is always the same; --privileged takes all limits away",
            Set.of("label=disable", "label:disable", "apparmor=unconfined")));
    rows.add(
        new Row("--image-volume", Value.NEEDED, "VOLUMEs are directories", Set.of("anonymous")));
    optional(
        rows,
        "jbuild has no daemon that could watch over it; put it into the background of your shell"
            + " (jbuild run … &), or start it as a service",
        NO,
        "--detach",
        "-d");
    optional(
        rows,
        "the program itself is process 1; a signal that it does not handle ends it anyway",
        NO,
        "--init");
    optional(rows, "nobody watches a container's health", YES, "--no-healthcheck");
    optional(rows, "signals are always passed on", YES, "--sig-proxy");
    optional(rows, "jbuild checks no signatures", YES, "--disable-content-trust");
    optional(rows, "the kernel decides what ends when memory is short", NO, "--oom-kill-disable");
    optional(rows, "a container gets no variables of jbuild's own", NO, "--env-host");
    optional(rows, "variables of the image stay", NO, "--unsetenv-all");
    optional(rows, "proxies are passed on with -e HTTP_PROXY", NO, "--http-proxy");
    optional(rows, OWN_FILES, NO, "--no-hosts", "--no-hostname");
    optional(rows, "jbuild makes no entries in /etc/passwd", NO, "--passwd");
    optional(rows, "jbuild rm removes a container first", NO, "--replace");
    optional(rows, "--tmpfs /tmp gives it a place to write to", NO, "--read-only-tmpfs");
    optional(rows, "jbuild rmi removes the image", NO, "--rmi");
    optional(rows, "jbuild import makes an image of a directory", NO, "--rootfs");
    optional(rows, "no socket of jbuild's is passed on", NO, "--use-api-socket");
    return List.copyOf(rows);
  }

  private static void needed(List<Row> rows, String why, String... names) {
    Stream.of(names).map(name -> new Row(name, Value.NEEDED, why)).forEach(rows::add);
  }

  private static void optional(List<Row> rows, String why, Set<String> met, String... names) {
    Stream.of(names).map(name -> new Row(name, Value.OPTIONAL, why, met)).forEach(rows::add);
  }

  static Syntax addTo(Syntax syntax) {
    Refused.addTo(syntax, ROWS);
    return syntax;
  }

  static void check(Options options) {
    Refused.check(options, ROWS);
  }
}
