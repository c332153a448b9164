package dev.jbuild.plan;

import dev.jbuild.dockerfile.Finding;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
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

  private CopyRules() {}

  /// What is found in the last of `chain`.
  ///
  /// @param chain a stage behind those that it is based on
  static List<Finding> of(List<Stage> chain) {
    var findings = new ArrayList<Finding>();
    boolean empty = chain.getFirst().base() instanceof StageBase.Scratch;
    var directory = chain.getFirst().start().config().workingDir();
    var above = new ArrayList<Step>();
    for (var stage : chain) {
      for (var step : stage.steps()) {
        if (stage.index() == chain.getLast().index() && step instanceof CopyStep copy) {
          link(copy, findings);
          chmod(copy, above, directory, empty, findings);
        }
        above.add(step);
      }
    }
    return findings;
  }

  /// A source that is called as the directory, as bin for /usr/bin, is taken for a directory.
  private static void link(CopyStep copy, List<Finding> findings) {
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

  private static void chmod(
      CopyStep copy, List<Step> above, String first, boolean empty, List<Finding> findings) {
    int slash = copy.destination().lastIndexOf('/');
    if (copy.chmod().isEmpty()
        || !(copy.chmod().get() instanceof Chmod.Octal(int bits, var text))
        || (bits & EXECUTE) == EXECUTE
        || slash <= 0
        || copy.intoDirectory()) {
      return;
    }
    var parent = copy.destination().substring(0, slash);
    boolean there = isIn(first, parent) || isNamed(parent, above) || (!empty && isUsual(parent));
    if (!there) {
      findings.add(
          new Finding(
              Rule.CHMOD_WITHOUT_EXECUTE,
              copy.span(),
              "the directory "
                  + Printable.of(parent)
                  + " that this makes gets the mode "
                  + Printable.of(text)
                  + " too, and cannot be entered"));
    }
  }

  private static boolean isUsual(String directory) {
    return STANDARD.contains(directory) || FULL.stream().anyMatch(directory::startsWith);
  }

  /// Whether a step above may have made it, or may have been told of it.
  private static boolean isNamed(String directory, List<Step> above) {
    for (var step : above) {
      boolean named =
          switch (step) {
            case WorkdirStep workdir -> isIn(workdir.directory(), directory);
            case CopyStep copy ->
                isIn(copy.destination(), directory)
                    || directory.startsWith(copy.destination()); // a copied tree may hold it
            case RunStep run -> run.createdBy().orElse("").contains(directory);
            case ConfigStep _ -> false;
          };
      if (named) {
        return true;
      }
    }
    return false;
  }

  private static boolean isIn(String path, String directory) {
    return (path + "/").startsWith(directory + "/");
  }
}
