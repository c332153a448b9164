package dev.jbuild.dockerfile;

import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Instruction.Transfer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// [Rule#COPY_BEFORE_INSTALL]: where everything is copied before dependencies are installed, a
/// change of any file installs all of them anew.
///
/// Quiet where the stage has installed before it copied, and where a cache mount keeps what was
/// loaded.
public final class CopyOrder {

  private static final Set<String> EVERYTHING = Set.of(".", "./", "/", "*", "./*");

  private final Set<Installer> installed;
  private Optional<Transfer> everything;
  private boolean told;

  /// For a stage that begins with an image.
  public CopyOrder() {
    this(EnumSet.noneOf(Installer.class), Optional.empty(), false);
  }

  private CopyOrder(Set<Installer> installed, Optional<Transfer> everything, boolean told) {
    this.installed = installed;
    this.everything = everything;
    this.told = told;
  }

  /// For a stage that begins where this one's ends.
  public CopyOrder next() {
    return new CopyOrder(EnumSet.copyOf(installed), everything, told);
  }

  /// What is found in the instructions of the stage: at most one copy in the wrong place, however
  /// much comes after it.
  public List<Finding> check(List<Instruction> stage) {
    var findings = new ArrayList<Finding>();
    for (var instruction : stage) {
      if (instruction instanceof Transfer transfer && copiesEverything(transfer)) {
        everything = everything.or(() -> Optional.of(transfer));
      } else if (instruction instanceof Run run) {
        var install = firstInstall(run);
        if (install.isPresent() && everything.isPresent() && !hasCache(run) && !told) {
          findings.add(finding(everything.get(), run, install.get()));
          told = true;
        }
      }
    }
    return findings;
  }

  private static boolean copiesEverything(Transfer transfer) {
    boolean context =
        switch (transfer) {
          case Copy copy -> copy.from().isEmpty();
          case Add _ -> true;
        };
    return context && transfer.sources().stream().anyMatch(w -> EVERYTHING.contains(w.text()));
  }

  /// The first command that installs dependencies by a manager that has not done so yet. Managers
  /// that do are added to `installed`.
  private Optional<String> firstInstall(Run run) {
    Optional<String> first = Optional.empty();
    for (var command : ShellCommands.of(run)) {
      var manager = Installer.installing(command);
      if (manager.isPresent() && installed.add(manager.get()) && first.isEmpty()) {
        first = Optional.of(String.join(" ", command));
      }
    }
    return first;
  }

  private static boolean hasCache(Run run) {
    return run.mounts().stream()
        .flatMap(mount -> mount.options().stream())
        .anyMatch(option -> option.key().equals("type") && option.value().text().equals("cache"));
  }

  private static Finding finding(Transfer copy, Run run, String command) {
    return new Finding(
        Rule.COPY_BEFORE_INSTALL,
        copy.span(),
        "all files are copied before line "
            + run.span().line()
            + " installs dependencies ("
            + Excerpt.of(command)
            + "): every change of a file installs them anew");
  }
}
