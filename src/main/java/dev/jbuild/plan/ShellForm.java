package dev.jbuild.plan;

import dev.jbuild.dockerfile.Command;
import dev.jbuild.dockerfile.Rule;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/// The rules about CMD and ENTRYPOINT in shell form.
final class ShellForm {

  private static final Set<String> SHELLS = Set.of("sh", "bash", "ash", "dash", "ksh", "zsh");
  private static final Pattern EXEC = Pattern.compile("(?s)(.*[;&|\n({]\\s*|\\s*)exec\\s.*");

  private ShellForm() {}

  /// [Rule#JSON_ARGS_RECOMMENDED] is quiet where SHELL was set, as in BuildKit;
  /// [Rule#SHELL_FORM_ENTRYPOINT] where the shell makes room for the program with exec.
  static void check(String instruction, Command command, StageState state) {
    if (!(command instanceof Command.Shell(var script)) || script.isEmpty()) {
      return;
    }
    var span = state.placed().instruction().span();
    var shell = state.config().shell();
    if (shell == null || shell.isEmpty()) {
      state
          .notices()
          .add(
              Rule.JSON_ARGS_RECOMMENDED,
              span,
              instruction + " in shell form: signals may reach the shell and not the program");
    }
    boolean makesRoom = EXEC.matcher(script).matches();
    if (instruction.equals("ENTRYPOINT") && !makesRoom && isShell(state.shell())) {
      state
          .notices()
          .add(
              Rule.SHELL_FORM_ENTRYPOINT,
              span,
              "the shell is process 1: a stop signal and the arguments of a run do not reach the"
                  + " program");
    }
  }

  private static boolean isShell(List<String> argv) {
    var path = argv.getFirst();
    return SHELLS.contains(path.substring(path.lastIndexOf('/') + 1));
  }
}
