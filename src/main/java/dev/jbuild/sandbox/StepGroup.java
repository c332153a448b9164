package dev.jbuild.sandbox;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.linux.Machine;
import dev.jbuild.sandbox.ControlGroups.Hierarchy;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

/// The control groups that a step's processes are in, made for it and removed after it.
///
/// They are named after this process: those of one that was killed are removed by the next.
///
/// Of version 2 a container runtime and the container get a group each below the step's, since a
/// group that hands controllers down has no processes itself. The limit of memory is then the
/// container's alone, but that it was hit is counted here too, where the runtime removes nothing.
final class StepGroup implements AutoCloseable {

  private static final String MEMORY = "memory";
  private static final String PROCESSES = "pids";
  private static final Pattern NAME = Pattern.compile("jbuild-([0-9]+)-[0-9]+");
  private static final AtomicLong LAST = new AtomicLong();
  private static final List<String> UNITS = List.of("bytes", "KiB", "MiB", "GiB", "TiB");
  private static final int KILLED = 137;
  private static final int TRIES = 50;
  private static final int PAUSE_MILLIS = 20;

  private static final String HANDED_DOWN = "cgroup.subtree_control";

  /// The group of a runtime, below the step's.
  private static final String RUNTIME = "runtime";

  /// By hierarchy: its group for this step.
  private final Map<Path, Path> directories = new LinkedHashMap<>();

  private final Quota quota;
  private final int others;
  private final Optional<String> container;
  private Optional<String> place = Optional.empty();

  private StepGroup(Quota quota, int others, Optional<String> container) {
    this.quota = quota;
    this.others = others;
    this.container = container;
  }

  /// Puts `process`, which has started nothing yet, and with it all that it will start, into groups
  /// with the limits of `quota`. If that cannot be, the process is killed.
  ///
  /// @param others how many processes there may be besides the step's
  /// @throws BuildFailure that says what would have to be changed
  static StepGroup around(Process process, Quota quota, int others) throws IOException {
    return around(process, quota, others, Optional.empty());
  }

  /// The same for the process that starts a container runtime.
  ///
  /// @param container what the container's group is to be called, which the runtime makes with the
  ///     limits of `quota`; empty if it makes none, or where it likes
  static StepGroup around(Process process, Quota quota, int others, Optional<String> container)
      throws IOException {
    try {
      return quota.isNone()
          ? new StepGroup(quota, others, container)
          : around(process.pid(), quota, others, container, ControlGroups.ofThisProcess());
    } catch (IOException | RuntimeException e) {
      process.destroyForcibly();
      throw e;
    }
  }

  static StepGroup around(
      long pid, Quota quota, int others, Optional<String> container, ControlGroups groups)
      throws IOException {
    var group = new StepGroup(quota, others, container);
    try {
      var places = new LinkedHashMap<Hierarchy, Set<String>>();
      if (quota.memory().isPresent()) {
        places.computeIfAbsent(find(groups, MEMORY), _ -> new LinkedHashSet<>()).add(MEMORY);
      }
      if (quota.processes().isPresent()) {
        places.computeIfAbsent(find(groups, PROCESSES), _ -> new LinkedHashSet<>()).add(PROCESSES);
      }
      for (var place : places.entrySet()) {
        group.enter(pid, place.getKey(), place.getValue());
      }
      return group;
    } catch (IOException | RuntimeException e) {
      group.close();
      throw e;
    }
  }

  private static Hierarchy find(ControlGroups groups, String controller) {
    return groups
        .find(controller)
        .orElseThrow(
            () ->
                refusal(controller, "no control groups with this controller are mounted")
                    .hint("mount them on /sys/fs/cgroup, or give the container its own"));
  }

  private static BuildFailure refusal(String controller, String why) {
    var what = controller.equals(MEMORY) ? "the memory limit" : "the limit of processes";
    return BuildFailure.of(BuildFailure.Kind.SANDBOX, what + " cannot be kept: " + why);
  }

  private void enter(long pid, Hierarchy hierarchy, Set<String> controllers) throws IOException {
    FileSystemException last = new NoSuchFileException(hierarchy.own().toString());
    for (var parent : hierarchy.parents()) {
      try {
        if (hierarchy.isUnified()) {
          enable(parent, controllers);
        }
        reap(parent);
        enterBelow(pid, parent, hierarchy, controllers);
        return;
      } catch (FileSystemException e) {
        last = e;
        close();
      }
    }
    var failure = refusal(controllers.iterator().next(), reason(last));
    throw failure.hint(advice(hierarchy, last));
  }

  /// A group of version 2 hands its controllers down only if told, and, but for the topmost, only
  /// while no process is in itself.
  private static void enable(Path parent, Set<String> controllers) throws IOException {
    var file = parent.resolve(HANDED_DOWN);
    var enabled = Set.of(Files.readString(file).strip().split(" ", -1));
    for (var controller : controllers) {
      if (!enabled.contains(controller)) {
        write(file, "+" + controller);
      }
    }
  }

  private void enterBelow(long pid, Path parent, Hierarchy hierarchy, Set<String> controllers)
      throws IOException {
    var name = "jbuild-" + Machine.pid() + "-" + LAST.incrementAndGet();
    var directory = Files.createDirectory(parent.resolve(name));
    directories.put(hierarchy.top(), directory);
    boolean unified = hierarchy.isUnified();
    boolean isParted = unified && container.isPresent();
    if (controllers.contains(MEMORY) && !isParted) {
      limitMemory(directory, unified);
    }
    if (controllers.contains(PROCESSES)) {
      write(directory.resolve("pids.max"), Long.toString(quota.processes().orElseThrow() + others));
    }
    var own = directory;
    if (isParted) {
      write(directory.resolve(HANDED_DOWN), "+" + String.join(" +", controllers));
      own = Files.createDirectory(directory.resolve(RUNTIME));
      place =
          Optional.of("/" + hierarchy.top().relativize(directory.resolve(container.orElseThrow())));
    }
    write(own.resolve("cgroup.procs"), Long.toString(pid));
  }

  /// Where the runtime is to make the group of the container, from the topmost group; empty for
  /// where it likes.
  Optional<String> place() {
    return place;
  }

  private void limitMemory(Path directory, boolean unified) throws IOException {
    long memory = quota.memory().orElseThrow();
    long total = quota.total();
    write(
        directory.resolve(unified ? "memory.max" : "memory.limit_in_bytes"), Long.toString(memory));
    var swap = directory.resolve(unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes");
    if (Files.exists(swap)) { // a kernel may keep no account of swap
      var unlimited = unified ? "max" : "-1";
      write(swap, total == -1 ? unlimited : Long.toString(unified ? total - memory : total));
    }
  }

  private static void write(Path file, String text) throws IOException {
    try {
      Files.writeString(file, text);
    } catch (FileSystemException e) {
      throw e;
    } catch (IOException e) {
      throw new FileSystemException(file.toString(), null, e.getMessage());
    }
  }

  /// Removes groups of processes that are no more. Those of others are in use: the kernel keeps
  /// them.
  private static void reap(Path parent) throws IOException {
    try (var groups = Files.newDirectoryStream(parent, "jbuild-*")) {
      for (var group : groups) {
        var name = NAME.matcher(String.valueOf(group.getFileName()));
        if (name.matches() && !Files.exists(Path.of("/proc", name.group(1)))) {
          removeIfEmpty(group);
        }
      }
    }
  }

  /// With the groups of a runtime and a container in it.
  private static boolean removeIfEmpty(Path group) throws IOException {
    try (var below = Files.newDirectoryStream(group, Files::isDirectory)) {
      for (var each : below) {
        Files.deleteIfExists(each);
      }
      return Files.deleteIfExists(group);
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (FileSystemException e) {
      return false; // busy, or another's
    }
  }

  private static String reason(FileSystemException e) {
    var why =
        switch (e) {
          case AccessDeniedException _ -> "permission denied";
          case NoSuchFileException _ -> "no such file";
          default -> e.getReason() == null ? String.valueOf(e.getMessage()) : e.getReason();
        };
    return Printable.of(e.getFile() + ": " + why);
  }

  private static String advice(Hierarchy hierarchy, FileSystemException e) {
    if (String.valueOf(e.getReason()).contains("Read-only")) {
      return "the control groups are mounted read-only: start the container with its own, writable"
          + " (docker: --privileged; podman: --security-opt unmask=/sys/fs/cgroup)";
    }
    return hierarchy.isUnified()
        ? "start jbuild in a group that was given to you: systemd-run --user --scope"
            + " -p Delegate=yes jbuild …"
        : "control groups of version 1 are root's: have one made for you in "
            + Printable.of(hierarchy.own().toString())
            + ", with chown, or boot with systemd.unified_cgroup_hierarchy=1";
  }

  /// The limit that processes of the step ran into, printable; empty if none.
  private Optional<String> exceeded(ExitStatus status) throws IOException {
    for (var directory : directories.values()) {
      if (count(directory, "memory.events", "oom_kill") > 0
          || count(directory, "memory.oom_control", "oom_kill") > 0
          || (status.code() == KILLED && isFull(directory))) {
        return Optional.of("memory limit of " + size(quota.memory().orElseThrow()));
      }
      if (count(directory, "pids.events", "max") > 0) {
        return Optional.of("pids limit of " + quota.processes().orElseThrow());
      }
    }
    return Optional.empty();
  }

  /// Version 1 counts a killed process in its own group only, which a runtime may have made below
  /// this one and removed again; that the memory did not suffice is counted here.
  private static boolean isFull(Path directory) throws IOException {
    var file = directory.resolve("memory.failcnt");
    return Files.exists(file) && !Files.readString(file).strip().equals("0");
  }

  private static String size(long bytes) {
    int power = Math.min(Long.numberOfTrailingZeros(bytes) / 10, UNITS.size() - 1);
    return (bytes >> (10 * power)) + " " + UNITS.get(power);
  }

  private static long count(Path directory, String file, String key) throws IOException {
    var path = directory.resolve(file);
    if (!Files.exists(path)) {
      return 0;
    }
    return Files.readAllLines(path).stream()
        .map(line -> line.split(" ", -1))
        .filter(fields -> fields.length == 2 && fields[0].equals(key))
        .mapToLong(fields -> Long.parseLong(fields[1]))
        .sum();
  }

  /// `status` with the limit that the step ran into, if that is why it failed.
  ExitStatus judge(ExitStatus status) throws IOException {
    return status.isSuccess() ? status : exceeded(status).map(status::afterLimit).orElse(status);
  }

  /// Removes the groups. Their processes are gone, but the kernel may need a moment to notice.
  @Override
  public void close() throws IOException {
    for (var directory : directories.values()) {
      for (int i = 0; i < TRIES && !removeIfEmpty(directory) && Files.exists(directory); i++) {
        pause();
      }
    }
    directories.clear();
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
