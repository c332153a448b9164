package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Mount;
import dev.jbuild.dockerfile.Instruction.Run;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// [Rule#APT_LISTS_KEPT]: the lists that `apt-get update` loads, some 20 MB, stay in the layer
/// unless the same RUN removes them or a mount keeps them out of it.
public final class AptLists {

  private static final Set<String> APT = Set.of("apt-get", "apt", "aptitude");
  private static final String LISTS = "/var/lib/apt/lists";

  private AptLists() {}

  /// What is found in the instructions of a stage whose layers somebody gets.
  public static List<Finding> of(List<Instruction> stage) {
    var findings = new ArrayList<Finding>();
    for (var instruction : stage) {
      if (instruction instanceof Run run && keepsLists(run)) {
        findings.add(
            new Finding(
                Rule.APT_LISTS_KEPT,
                run.span(),
                "the package lists of apt stay in the layer of this RUN"));
      }
    }
    return findings;
  }

  private static boolean keepsLists(Run run) {
    boolean kept = false;
    for (var command : ShellCommands.of(run)) {
      if (isUpdate(command)) {
        kept = true;
      } else if (kept && removes(command)) {
        kept = false;
      }
    }
    return kept && run.mounts().stream().noneMatch(AptLists::coversLists);
  }

  /// `apt-get [options] update`.
  private static boolean isUpdate(List<String> command) {
    if (!APT.contains(name(command))) {
      return false;
    }
    for (var word : command.subList(1, command.size())) {
      if (word.equals("update")) {
        return true;
      }
      if (!word.startsWith("-") && word.indexOf('=') < 0 && word.indexOf(':') < 0) {
        return false; // another command of apt
      }
    }
    return false;
  }

  /// Anything that names the directory, or a pattern of directories in which it may be, is taken
  /// for its end: rm, find -delete, a mount over it.
  private static boolean removes(List<String> command) {
    if (APT.contains(name(command)) && command.contains("dist-clean")) {
      return true;
    }
    return command.stream()
        .anyMatch(
            word -> word.contains("lib/apt") || word.contains("/lib/{") || word.contains("/var/{"));
  }

  private static String name(List<String> command) {
    var path = command.getFirst();
    return path.substring(path.lastIndexOf('/') + 1);
  }

  private static boolean coversLists(Mount mount) {
    var target = option(mount, "target").or(() -> option(mount, "dst"));
    var path = target.or(() -> option(mount, "destination")).orElse("");
    path = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return !path.isEmpty() && (LISTS + "/").startsWith(path + "/");
  }

  private static Optional<String> option(Mount mount, String key) {
    return mount.options().stream()
        .filter(option -> option.key().equals(key))
        .map(option -> option.value().text())
        .findFirst();
  }
}
