package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Instruction.Add;
import dev.jbuild.dockerfile.Instruction.Arg;
import dev.jbuild.dockerfile.Instruction.Cmd;
import dev.jbuild.dockerfile.Instruction.Copy;
import dev.jbuild.dockerfile.Instruction.Entrypoint;
import dev.jbuild.dockerfile.Instruction.Env;
import dev.jbuild.dockerfile.Instruction.Expose;
import dev.jbuild.dockerfile.Instruction.From;
import dev.jbuild.dockerfile.Instruction.Healthcheck;
import dev.jbuild.dockerfile.Instruction.Label;
import dev.jbuild.dockerfile.Instruction.Maintainer;
import dev.jbuild.dockerfile.Instruction.OnBuild;
import dev.jbuild.dockerfile.Instruction.Run;
import dev.jbuild.dockerfile.Instruction.Shell;
import dev.jbuild.dockerfile.Instruction.StopSignal;
import dev.jbuild.dockerfile.Instruction.User;
import dev.jbuild.dockerfile.Instruction.Volume;
import dev.jbuild.dockerfile.Instruction.Workdir;
import dev.jbuild.dockerfile.Rule;
import dev.jbuild.failure.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Goes through the instructions of one stage and makes the steps.
final class StagePlanner {

  private final StageState state;
  private final ConfigPlanner configs;
  private final CopyPlanner copies;
  private final RunPlanner runs;

  StagePlanner(
      StageState state, StageTable table, GlobalScope globals, Map<String, String> buildArgs) {
    this.state = state;
    this.configs = new ConfigPlanner(globals, state);
    this.copies = new CopyPlanner(table, state);
    this.runs = new RunPlanner(table, buildArgs, state);
  }

  /// The steps, in order; afterwards the state is that at the end of the stage.
  List<Step> steps(List<Placed> instructions) {
    var steps = new ArrayList<Step>();
    for (var placed : instructions) {
      state.enter(placed);
      steps.add(step(placed.instruction()));
    }
    return steps;
  }

  private Step step(Instruction instruction) {
    return switch (instruction) {
      case Run run -> runs.run(run);
      case Copy copy -> copies.copy(copy);
      case Add add -> copies.add(add);
      case Workdir workdir -> workdir(workdir);
      case Arg arg -> arg(arg);
      case Env env -> config(configs.env(env));
      case Label label -> config(configs.label(label));
      case User(_, var user) -> config(configs.user(user));
      case Volume volume -> config(configs.volume(volume));
      case Expose expose -> config(configs.expose(expose));
      case Cmd(_, var command) -> config(configs.cmd(command));
      case Entrypoint(_, var command) -> config(configs.entrypoint(command));
      case Shell(_, var argv) -> config(configs.shell(argv));
      case StopSignal signal -> config(configs.stopSignal(signal));
      case Healthcheck(_, var check) -> config(configs.healthcheck(check));
      case Maintainer(_, var name) -> config(configs.maintainer(name));
      case OnBuild(_, var trigger) -> {
        configs.onBuild(trigger);
        yield new ConfigStep(state.head(Optional.empty()));
      }
      case From from -> throw new IllegalStateException("stages were split before " + from.span());
    };
  }

  private Step arg(Arg arg) {
    var declared = configs.arg(arg);
    return new ConfigStep(state.head(ConfigPlanner.argText(declared)), declared);
  }

  private Step config(String createdBy) {
    return new ConfigStep(state.head(createdBy));
  }

  private Step workdir(Workdir workdir) {
    var text = state.expand(workdir.directory());
    if (!state.workdirGiven() && !text.startsWith("/")) {
      state
          .notices()
          .add(
              Rule.WORKDIR_RELATIVE_PATH,
              workdir.directory().span(),
              "where "
                  + Printable.of(workdir.directory().text())
                  + " lies depends on the base image");
    }
    state.giveWorkdir();
    var directory = ImagePath.resolve(state.directory(), text);
    var written = written(text, directory);
    state.config(state.config().withWorkingDir(written));
    return new WorkdirStep(state.head("WORKDIR " + written), directory, state.config().user());
  }

  /// What the config says: as BuildKit has it, only a relative path is joined and cleaned.
  private String written(String text, String directory) {
    if (text.isEmpty() && !state.config().workingDir().isEmpty()) {
      return state.config().workingDir();
    }
    return text.startsWith("/") ? text : directory;
  }
}
