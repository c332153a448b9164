package dev.jbuild.cli;

import dev.jbuild.failure.Printable;
import dev.jbuild.linux.OpenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a person needs to have a mount namespace and, if not root, user IDs: looked at one by one,
/// so that all that is missing is told at once.
final class IdChecks {

  private static final String NAME = "user ids";

  /// What the launcher adds, for those who have not asked doctor yet.
  private static final String DOCTOR = " (jbuild doctor says which are free)";

  private static final int SYS_ADMIN = 21;
  private static final long ENOUGH_IDS = 65536;
  private static final long FIRST_ID = 100000;

  /// What stands for more than itself in a path of a profile (apparmor.d(5)).
  private static final Pattern PATTERN_CHARACTER = Pattern.compile("[\\\\\"?*{}\\[\\]^]");

  private final Host host;
  private final String launcher;

  /// @param launcher the path of `bin/jbuild`
  IdChecks(Host host, String launcher) {
    this.host = host;
    this.launcher = launcher;
  }

  List<Check> checks() throws IOException, InterruptedException {
    return host.isRoot() ? ofRoot() : ofUser();
  }

  private List<Check> ofRoot() {
    if (host.withoutIds().isEmpty()) {
      return List.of(Check.good(NAME, "root: all of this machine's, or of this container's"));
    }
    var said = host.withoutIds().get();
    return List.of(new Check(NAME, Check.State.FAILED, said, adviceForContainers()));
  }

  /// What keeps root from unshare(2) and mount(2) is a capability that is not there, or a filter.
  private List<String> adviceForContainers() {
    var advice = new ArrayList<String>();
    var effective = host.status("CapEff").orElse("0");
    if ((Long.parseUnsignedLong(effective, 16) & (1L << SYS_ADMIN)) == 0) {
      advice.add(
          "CAP_SYS_ADMIN is missing: start the container with --cap-add SYS_ADMIN"
              + " --security-opt seccomp=unconfined --security-opt apparmor=unconfined,");
      advice.add(
          "or as an ordinary user with subordinate ids and"
              + " --security-opt seccomp=unconfined --security-opt apparmor=unconfined");
      return advice;
    }
    if (isFiltered()) {
      advice.add(
          "a seccomp filter is around this process: --security-opt seccomp=unconfined"
              + " (Kubernetes: seccompProfile: Unconfined)");
    }
    confinement().ifPresent(advice::add);
    return advice;
  }

  private boolean isFiltered() {
    return host.status("Seccomp").filter("2"::equals).isPresent();
  }

  private Optional<String> confinement() {
    return host.text("/proc/self/attr/current")
        .filter(profile -> profile.endsWith("(enforce)"))
        .map(
            profile ->
                "the AppArmor profile "
                    + Printable.of(profile)
                    + " is around this process: --security-opt apparmor=unconfined");
  }

  private List<Check> ofUser() throws IOException, InterruptedException {
    if (host.withoutIds().isEmpty()) {
      var ids = ids("/proc/self/uid_map");
      var text = host.user() + ", root in a user namespace of " + ids + " user IDs";
      return List.of(
          ids >= ENOUGH_IDS
              ? Check.good(NAME, text)
              : Check.warning(NAME, text + ": files of most images need 65536", line("uid")));
    }
    var checks = new ArrayList<Check>();
    checks.add(Check.failed(NAME, host.withoutIds().get().replace(DOCTOR, "")));
    programs(checks);
    range(checks, "uid");
    range(checks, "gid");
    switches(checks);
    namespace(checks);
    return checks;
  }

  private long ids(String map) {
    return host.text(map)
        .orElse("")
        .lines()
        .map(line -> line.strip().split(" +", -1))
        .mapToLong(fields -> Long.parseLong(fields[fields.length - 1]))
        .sum();
  }

  private void programs(List<Check> checks) {
    if (host.program("unshare").isEmpty()) {
      checks.add(Check.failed("unshare", "not found", "install the package util-linux"));
    }
    for (var name : List.of("newuidmap", "newgidmap")) {
      var program = host.program(name);
      if (program.isEmpty()) {
        checks.add(Check.failed(name, "not found", "install the package uidmap (shadow-utils)"));
      } else if (!isPrivileged(program.get())) {
        checks.add(
            Check.failed(
                name,
                program.get() + " is neither set-user-ID nor has it a file capability",
                "install the package uidmap again, or: chmod u+s " + program.get()));
      }
    }
    if (host.status("NoNewPrivs").filter("1"::equals).isPresent()) {
      checks.add(
          Check.failed(
              "privileges",
              "no_new_privs is set: newuidmap cannot do its work",
              "start the container without --security-opt no-new-privileges (Kubernetes:"
                  + " allowPrivilegeEscalation: true)"));
    }
  }

  private static boolean isPrivileged(Path program) {
    try {
      int mode = (Integer) Files.getAttribute(program, "unix:mode");
      int owner = (Integer) Files.getAttribute(program, "unix:uid");
      return ((mode & 04000) != 0 && owner == 0) || hasCapability(program);
    } catch (IOException | UnsupportedOperationException e) {
      return true; // what cannot be seen is not complained about
    }
  }

  private static boolean hasCapability(Path program) throws IOException {
    try (var file = OpenFile.open(program)) {
      return file.xattrs().containsKey("security.capability");
    }
  }

  private void range(List<Check> checks, String kind) {
    var file = "/etc/sub" + kind;
    var lines =
        host.text(file).orElse("").lines().map(line -> line.split(":", -1)).filter(this::isOwn);
    long count = lines.mapToLong(fields -> number(fields[2])).sum();
    if (count < ENOUGH_IDS - 1) {
      var some = count == 0 ? "no" : "only " + count;
      checks.add(Check.failed(file, "gives " + some + " IDs to " + host.user(), line(kind)));
    }
  }

  private boolean isOwn(String[] fields) {
    return fields.length == 3 && (fields[0].equals(host.user()) || fields[0].equals(host.uid()));
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  /// What gives the user IDs that are nobody else's. usermod wants a login name.
  private String line(String kind) {
    long first = Math.max(FIRST_ID, Math.max(end("uid"), end("gid")));
    if (host.user().equals(host.uid())) {
      return "the user ID %s has no login name; as root add to /etc/sub%s: %s:%d:%d"
          .formatted(host.uid(), kind, host.uid(), first, ENOUGH_IDS);
    }
    return "as root: usermod --add-sub%ss %d-%d %s"
        .formatted(kind, first, first + ENOUGH_IDS - 1, host.user());
  }

  /// The first ID after all that are given to anybody.
  private long end(String kind) {
    return host.text("/etc/sub" + kind)
        .orElse("")
        .lines()
        .map(line -> line.split(":", -1))
        .filter(fields -> fields.length == 3)
        .mapToLong(fields -> number(fields[1]) + number(fields[2]))
        .max()
        .orElse(0);
  }

  private void switches(List<Check> checks) {
    if (host.says("/proc/sys/user/max_user_namespaces", "0")) {
      checks.add(
          Check.failed(
              "sysctl",
              "user.max_user_namespaces is 0: there are no user namespaces",
              "as root: sysctl -w user.max_user_namespaces=15000"));
    }
    if (host.says("/proc/sys/kernel/unprivileged_userns_clone", "0")) {
      checks.add(
          Check.failed(
              "sysctl",
              "kernel.unprivileged_userns_clone is 0: user namespaces are for root only",
              "as root: sysctl -w kernel.unprivileged_userns_clone=1"));
    }
    if (host.says("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1")) {
      checks.add(
          Check.failed(
              "apparmor",
              "kernel.apparmor_restrict_unprivileged_userns is 1: programs need a profile for user"
                  + " namespaces",
              "as root, write /etc/apparmor.d/jbuild:\n" + profile(),
              "then: apparmor_parser -r /etc/apparmor.d/jbuild"));
    }
  }

  /// It gives the right to the launcher and what it starts, and to nobody else.
  private String profile() {
    return """
    abi <abi/4.0>,
    include <tunables/global>
    profile jbuild "LAUNCHER" flags=(unconfined) {
      userns,
    }\
    """
        .replace("LAUNCHER", PATTERN_CHARACTER.matcher(launcher).replaceAll("\\\\$0"));
  }

  /// Whether it is the namespace itself that is refused, or what comes after.
  private void namespace(List<Check> checks) throws IOException, InterruptedException {
    var program = host.program("unshare");
    if (program.isEmpty()) {
      return;
    }
    var alone = host.trial().run(List.of("unshare", "--user", "true"));
    if (alone.succeeded()) {
      checks.add(Check.good("userns", "unshare(CLONE_NEWUSER) works"));
      return;
    }
    var advice = new ArrayList<String>();
    if (isFiltered()) {
      advice.add(
          "a seccomp filter is around this process: --security-opt seccomp=unconfined"
              + " (Kubernetes: seccompProfile: Unconfined)");
    }
    confinement().ifPresent(advice::add);
    checks.add(
        new Check(
            "userns",
            Check.State.FAILED,
            "unshare(CLONE_NEWUSER) is refused: " + alone.text(),
            advice));
  }
}
