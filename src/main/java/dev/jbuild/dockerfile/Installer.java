package dev.jbuild.dockerfile;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// Programs that load what a project depends on, as its files say.
enum Installer {
  NPM,
  YARN,
  PNPM,
  BUN,
  PIP,
  POETRY,
  PIPENV,
  UV,
  CONDA,
  GO,
  MAVEN,
  GRADLE,
  CARGO,
  BUNDLER,
  COMPOSER,
  DOTNET,
  MIX;

  private static final Pattern PYTHON = Pattern.compile("python[0-9.]*");
  private static final Pattern PIPS = Pattern.compile("pip[0-9.]*");
  private static final List<Installer> ALL = List.of(values());

  /// With these yarn only says something.
  private static final Set<String> QUESTIONS = Set.of("--version", "-v", "--help", "-h");

  /// The one that `command` makes install a project's dependencies; none if it installs what the
  /// command itself names.
  static Optional<Installer> installing(List<String> command) {
    var path = command.getFirst();
    var program = path.substring(path.lastIndexOf('/') + 1);
    var arguments = command.subList(1, command.size());
    if (PYTHON.matcher(program).matches()
        && arguments.size() > 1
        && arguments.getFirst().equals("-m")) {
      return installing(arguments.subList(1, arguments.size()));
    }
    if (PIPS.matcher(program).matches()) {
      return pip(arguments) ? Optional.of(PIP) : Optional.empty();
    }
    return ALL.stream().filter(each -> each.installs(program, arguments)).findFirst();
  }

  private boolean installs(String program, List<String> arguments) {
    return switch (this) {
      case NPM ->
          program.equals("npm") && project(arguments, "install", "ci", "i", "clean-install");
      case YARN ->
          program.equals("yarn")
              && (project(arguments, "install") || arguments.stream().allMatch(Installer::isFlag))
              && arguments.stream().noneMatch(QUESTIONS::contains);
      case PNPM -> program.equals("pnpm") && project(arguments, "install", "i", "fetch");
      case BUN -> program.equals("bun") && project(arguments, "install", "i");
      case PIP -> false; // has been looked at
      case POETRY -> program.equals("poetry") && first(arguments).equals("install");
      case PIPENV -> program.equals("pipenv") && project(arguments, "install", "sync");
      case UV ->
          program.equals("uv")
              && (first(arguments).equals("sync")
                  || (first(arguments).equals("pip")
                      && pip(arguments.subList(1, arguments.size()))));
      case CONDA ->
          Set.of("conda", "mamba", "micromamba").contains(program)
              && first(arguments).equals("env")
              && (arguments.contains("create") || arguments.contains("update"));
      case GO ->
          program.equals("go")
              && first(arguments).equals("mod")
              && (arguments.contains("download") || arguments.contains("tidy"));
      case MAVEN ->
          Set.of("mvn", "mvnw").contains(program)
              && arguments.stream()
                  .anyMatch(word -> word.matches("package|install|verify|compile|dependency:.*"));
      case GRADLE ->
          Set.of("gradle", "gradlew").contains(program)
              && arguments.stream()
                  .anyMatch(
                      word ->
                          word.matches("(.*:)?(build|assemble|bootJar|shadowJar|dependencies)"));
      case CARGO ->
          program.equals("cargo")
              && (Set.of("build", "fetch").contains(first(arguments))
                  || (first(arguments).equals("install") && arguments.contains("--path")));
      case BUNDLER ->
          Set.of("bundle", "bundler").contains(program) && first(arguments).equals("install");
      case COMPOSER -> program.startsWith("composer") && first(arguments).equals("install");
      case DOTNET -> program.equals("dotnet") && first(arguments).equals("restore");
      case MIX -> program.equals("mix") && first(arguments).equals("deps.get");
    };
  }

  private static String first(List<String> arguments) {
    return arguments.stream().filter(word -> !isFlag(word)).findFirst().orElse("");
  }

  /// One of `commands`, and behind it nothing but flags, none of which says that it is not about
  /// the project.
  private static boolean project(List<String> arguments, String... commands) {
    return Arrays.asList(commands).contains(first(arguments))
        && arguments.stream().filter(word -> !isFlag(word)).count() == 1
        && arguments.stream().noneMatch(Set.of("-g", "--global")::contains);
  }

  /// Numbers are values of flags, as in `--jobs 4`.
  private static boolean isFlag(String word) {
    return word.startsWith("-") || word.matches("[0-9]+");
  }

  /// `pip install -r requirements.txt`, `pip install .`.
  private static boolean pip(List<String> arguments) {
    return first(arguments).equals("install")
        && arguments.stream()
            .anyMatch(
                word -> word.matches("-r.*|--requirement.*|-e|--editable.*|\\.|\\./|\\.\\[.*"));
  }
}
