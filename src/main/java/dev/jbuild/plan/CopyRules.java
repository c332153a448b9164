package dev.jbuild.plan;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Rules about copies that do what is written and probably not what is meant.
///
/// What a base image holds is not known here: its standard directories are taken to be there, and
/// others that an instruction above names.
final class CopyRules {

  /// Directories of the file system hierarchy standard that files are copied to.
  private static final Set<String> STANDARD =
      Set.of(
          "/bin",
          "/boot",
          "/etc",
          "/home",
          "/lib",
          "/lib64",
          "/media",
          "/mnt",
          "/opt",
          "/root",
          "/run",
          "/sbin",
          "/srv",
          "/tmp",
          "/usr",
          "/usr/bin",
          "/usr/include",
          "/usr/lib",
          "/usr/lib64",
          "/usr/local",
          "/usr/local/bin",
          "/usr/local/etc",
          "/usr/local/include",
          "/usr/local/lib",
          "/usr/local/sbin",
          "/usr/local/share",
          "/usr/sbin",
          "/usr/share",
          "/var",
          "/var/cache",
          "/var/lib",
          "/var/log",
          "/var/run",
          "/var/tmp",
          "/var/www");

  /// Below these there is more than anybody can tell.
  private static final List<String> FULL =
      List.of("/etc/", "/usr/", "/var/", "/lib/", "/opt/", "/home/", "/run/", "/srv/", "/root/");

  private static final int EXECUTE = 0111;

  /// So many RUNs are looked through for the name of a directory; with more it is taken as there.
  private static final int MOST_RUNS = 1000;

  private final boolean empty;
  private final Set<String> directories = new HashSet<>(Set.of("/"));
  private final Set<String> trees = new HashSet<>();
  private final List<String> scripts = new ArrayList<>();
  private final List<Finding> findings = new ArrayList<>();

  private CopyRules(boolean empty) {
    this.empty = empty;
  }

  /// Whether something may be found in `stage`.
  static boolean concern(Stage stage) {
    return stage.steps().stream()
        .anyMatch(
            step ->
                step instanceof CopyStep copy && (copy.link() || withoutExecute(copy).isPresent()));
  }

  /// What is found in the last of `chain`.
  ///
  /// @param chain a stage behind those that it is based on
  static List<Finding> of(List<Stage> chain) {
    var last = chain.getLast();
    var rules = new CopyRules(chain.getFirst().base() instanceof StageBase.Scratch);
    rules.makeDirectory(ImagePath.workingDirectory(chain.getFirst().start().config().workingDir()));
    chain.subList(0, chain.size() - 1).forEach(stage -> stage.steps().forEach(rules::remember));
    for (var step : last.steps()) {
      if (step instanceof CopyStep copy) {
        rules.link(copy);
        rules.chmod(copy);
      }
      rules.remember(step);
    }
    return rules.findings;
  }

  private void remember(Step step) {
    switch (step) {
      case WorkdirStep workdir -> makeDirectory(workdir.directory());
      case CopyStep copy -> {
        var destination = withoutSlash(copy.destination());
        makeDirectory(destination);
        trees.add(destination);
      }
      case RunStep run -> scripts.add(run.createdBy().orElse(""));
      case ConfigStep _ -> {}
    }
  }

  /// With all above it.
  private void makeDirectory(String path) {
    var directory = path;
    while (!directory.isEmpty() && directories.add(directory)) {
      directory = directory.substring(0, Math.max(0, directory.lastIndexOf('/')));
    }
  }

  private static String withoutSlash(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  /// A source that is called as the directory, as bin for /usr/bin, is taken for a directory.
  private void link(CopyStep copy) {
    if (!copy.link() || copy.sources().size() != 1 || !STANDARD.contains(copy.destination())) {
      return;
    }
    var source = name(copy.sources().getFirst());
    if (!source.isEmpty() && !copy.destination().endsWith("/" + source)) {
      findings.add(
          new Finding(
              Rule.LINKED_COPY_ONTO_DIRECTORY,
              copy.span(),
              "with --link, "
                  + Printable.of(copy.destination())
                  + " becomes a file if "
                  + Printable.of(source)
                  + " is one, and hides the directory"));
    }
  }

  /// Its last part; empty for what is written as a directory.
  private static String name(CopySource source) {
    return switch (source) {
      case CopySource.Files(var pattern, _) ->
          pattern.endsWith(".") ? "" : pattern.substring(pattern.lastIndexOf('/') + 1);
      case CopySource.Inline(var name, _, _) -> name;
      case CopySource.Url(_, var fileName, _) -> fileName;
      case CopySource.Git _ -> "";
    };
  }

  /// The octal mode of a copy whose made directories could not be entered.
  private static Optional<Chmod.Octal> withoutExecute(CopyStep copy) {
    return copy.chmod()
        .filter(mode -> !copy.intoDirectory() && mode instanceof Chmod.Octal)
        .map(Chmod.Octal.class::cast)
        .filter(mode -> (mode.bits() & EXECUTE) != EXECUTE);
  }

  private void chmod(CopyStep copy) {
    var mode = withoutExecute(copy);
    int slash = copy.destination().lastIndexOf('/');
    if (mode.isEmpty() || slash <= 0) {
      return;
    }
    var parent = copy.destination().substring(0, slash);
    if (!isThere(parent)) {
      findings.add(
          new Finding(
              Rule.CHMOD_WITHOUT_EXECUTE,
              copy.span(),
              "the directory "
                  + Printable.of(parent)
                  + " that this makes gets the mode "
                  + Printable.of(mode.get().text())
                  + " too, and cannot be entered"));
    }
  }

  /// Whether it is surely or probably there before the copy.
  private boolean isThere(String directory) {
    return directories.contains(directory)
        || (!empty && isUsual(directory))
        || isInTree(directory)
        || scripts.size() > MOST_RUNS
        || scripts.stream().anyMatch(script -> script.contains(directory));
  }

  private static boolean isUsual(String directory) {
    return STANDARD.contains(directory) || FULL.stream().anyMatch(directory::startsWith);
  }

  /// A copied tree may hold it.
  private boolean isInTree(String directory) {
    for (int end = directory.length(); end >= 0; end = directory.lastIndexOf('/', end - 1)) {
      if (trees.contains(directory.substring(0, end))) {
        return true;
      }
      if (end == 0) {
        return false;
      }
    }
    return false;
  }
}
