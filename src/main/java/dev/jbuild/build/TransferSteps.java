package dev.jbuild.build;

import dev.jbuild.console.BuildEvent;
import dev.jbuild.console.Console;
import dev.jbuild.console.Progress;
import dev.jbuild.registry.TransferEvent;
import dev.jbuild.registry.Transfers;
import java.time.Duration;

/// Shows transfers as steps of a build.
public final class TransferSteps implements Transfers {

  private final String verb;
  private final Progress progress;

  /// @param verb what is done, `pull`
  public TransferSteps(String verb, Progress progress) {
    this.verb = verb;
    this.progress = progress;
  }

  @Override
  public void on(TransferEvent event) {
    switch (event) {
      case TransferEvent.Started(var transfer) ->
          progress.on(new BuildEvent.Started(step(transfer)));
      case TransferEvent.Moved(var transfer, long bytes) ->
          progress.on(new BuildEvent.Moved(step(transfer), bytes, transfer.size()));
      case TransferEvent.Finished(var transfer, var ending, long bytes, Duration took) ->
          progress.on(
              new BuildEvent.Finished(step(transfer), outcome(ending), took, note(ending, bytes)));
    }
  }

  private BuildEvent.Step step(TransferEvent.Transfer transfer) {
    return new BuildEvent.Step(verb + " " + transfer.id(), transfer.kind());
  }

  private static BuildEvent.Outcome outcome(TransferEvent.Ending ending) {
    return switch (ending) {
      case MOVED -> BuildEvent.Outcome.DONE;
      case THERE -> BuildEvent.Outcome.THERE;
      case MOUNTED -> BuildEvent.Outcome.MOUNTED;
    };
  }

  private static String note(TransferEvent.Ending ending, long bytes) {
    return switch (ending) {
      case MOVED -> Console.size(bytes);
      case THERE, MOUNTED -> "";
    };
  }
}
