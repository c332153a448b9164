package dev.jbuild.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/// Where this process stands in the machine's control groups (cgroups(7)): of version 2, of version
/// 1, or of both, a controller being in one of them.
final class ControlGroups {

  private static final Path PROC = Path.of("/proc");
  private static final Path ROOT = Path.of("/");

  private final Path root;
  private final List<String[]> mounts;
  private final List<String> memberships;

  private ControlGroups(Path root, List<String[]> mounts, List<String> memberships) {
    this.root = root;
    this.mounts = mounts;
    this.memberships = memberships;
  }

  static ControlGroups ofThisProcess() throws IOException {
    return read(PROC.resolve("self/mountinfo"), PROC.resolve("self/cgroup"), ROOT);
  }

  /// @param mountInfo as /proc/self/mountinfo, `membership` as /proc/self/cgroup
  /// @param root what the paths in them begin at
  static ControlGroups read(Path mountInfo, Path membership, Path root) throws IOException {
    var mounts =
        Files.readAllLines(mountInfo).stream()
            .filter(line -> line.contains(" - cgroup"))
            .map(line -> line.split(" ", -1))
            .toList();
    return new ControlGroups(root, mounts, Files.readAllLines(membership));
  }

  /// The groups in which a controller can be had.
  ///
  /// @param own the group of this process
  /// @param top the topmost one that is visible
  /// @param isUnified whether they are of version 2
  record Hierarchy(Path own, Path top, boolean isUnified) {

    /// The groups below which one for a step could lie, in the order in which to try: a process may
    /// be moved to near ones rather than to far ones.
    List<Path> parents() {
      if (!isUnified) {
        return List.of(own); // of version 1 limits of all that is above hold too
      }
      var parents = new ArrayList<Path>();
      for (var each = own; each != null && each.startsWith(top); each = each.getParent()) {
        parents.add(each);
      }
      return parents;
    }
  }

  /// Whether both versions are mounted.
  boolean isMixed() {
    return mounts.stream().map(ControlGroups::type).distinct().count() > 1;
  }

  private static String type(String[] mount) {
    return mount[List.of(mount).indexOf("-") + 1];
  }

  /// Where a container runtime may have made a group: in each hierarchy the group of this process,
  /// and the topmost one; of version 2 also those between, since there it lies beside the group
  /// that the runtime was started in.
  List<Path> places() {
    var places = new LinkedHashSet<Path>();
    for (var mount : mounts) {
      var point = root.resolve(mount[4].substring(1));
      boolean unified = type(mount).equals("cgroup2");
      var controllers = unified ? List.of("") : List.of(mount[mount.length - 1].split(",", -1));
      membershipIn(controllers)
          .map(path -> new Hierarchy(place(point, mount[3], path), point, unified))
          .ifPresent(hierarchy -> places.addAll(hierarchy.parents()));
      places.add(point);
    }
    return List.copyOf(places);
  }

  private Optional<String> membershipIn(List<String> options) {
    return options.stream().map(this::membership).flatMap(Optional::stream).findFirst();
  }

  /// Where `controller` is; empty if no mounted hierarchy has it.
  Optional<Hierarchy> find(String controller) {
    for (var mount : mounts) {
      var type = type(mount);
      var options = List.of(mount[mount.length - 1].split(",", -1));
      var point = root.resolve(mount[4].substring(1));
      boolean unified = type.equals("cgroup2");
      if (unified ? has(point, controller) : options.contains(controller)) {
        var own = membership(unified ? "" : controller);
        return own.map(path -> new Hierarchy(place(point, mount[3], path), point, unified));
      }
    }
    return Optional.empty();
  }

  /// Whether the kernel keeps account of what is swapped out. Of version 2 the topmost group does
  /// not tell, but each below it.
  boolean countsSwap() throws IOException {
    var memory = find("memory");
    if (memory.isEmpty()) {
      return false;
    }
    var own = memory.get().own();
    if (!memory.get().isUnified()) {
      return Files.exists(own.resolve("memory.memsw.limit_in_bytes"));
    }
    var file = "memory.swap.max";
    if (memory.get().parents().stream().anyMatch(each -> Files.exists(each.resolve(file)))) {
      return true;
    }
    try (var below = Files.newDirectoryStream(memory.get().top(), Files::isDirectory)) {
      for (var each : below) {
        if (Files.exists(each.resolve(file))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean has(Path top, String controller) {
    try {
      var controllers = Files.readString(top.resolve("cgroup.controllers")).strip();
      return List.of(controllers.split(" ", -1)).contains(controller);
    } catch (IOException e) {
      return false;
    }
  }

  /// The group of this process, as `/proc/self/cgroup` tells it.
  private Optional<String> membership(String controller) {
    for (var line : memberships) {
      var fields = line.split(":", 3);
      if (fields.length == 3 && List.of(fields[1].split(",", -1)).contains(controller)) {
        return Optional.of(fields[2]);
      }
    }
    return Optional.empty();
  }

  /// @param mounted which group is mounted at `point`: a container may see a part only
  private static Path place(Path point, String mounted, String path) {
    var inside =
        mounted.equals("/")
            ? path
            : (path + "/").startsWith(mounted + "/") ? path.substring(mounted.length()) : "";
    var place = point.resolve(inside.replaceFirst("^/+", "")).normalize();
    return place.startsWith(point) ? place : point; // a namespace that begins further down
  }
}
