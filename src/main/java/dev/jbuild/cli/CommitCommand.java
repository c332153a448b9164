package dev.jbuild.cli;

import dev.jbuild.build.Commit;
import dev.jbuild.build.CommitRequest;
import dev.jbuild.build.KeptStates;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.time.Clock;
import java.util.Optional;

/// `jbuild commit`.
final class CommitCommand implements Command {

  @Override
  public Syntax syntax() {
    var syntax =
        new Syntax(
                "commit",
                "[OPTIONS] CONTAINER|STEP [NAME[:TAG]]",
                "Make an image of a container or a failed step that is kept: what it changed"
                    + " becomes a layer on its image. CMD, USER, ENV and the like stay the image's,"
                    + " whatever run was told.",
                "  jbuild run --keep --name tools debian:bookworm apt-get install -y less",
                "  jbuild commit --change 'CMD [\"less\"]' tools tools:1")
            .values(
                "INSTRUCTION",
                "A Dockerfile instruction for the config, as 'CMD [\"bash\"]'.",
                "-c",
                "--change")
            .value("NAME", "The author of the image.", "-a", "--author")
            .value("TEXT", "A comment for the history.", "-m", "--message")
            .optional("BOOL", "true", "Accepted: what is kept does not run.", "-p", "--pause")
            .flag("Accepted: what is kept does not run.", "--no-pause")
            .flag("Accepted: nothing but the image ID is printed.", "-q", "--quiet")
            .value("FILE", "Write the image ID to FILE.", "--iidfile")
            .flag("Accepted: what lies below a VOLUME is always committed.", "--include-volumes");
    Refused.addTo(syntax, ContainerRefused.COMMIT);
    return syntax.arguments("CONTAINER", "1..2");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    Refused.check(options, ContainerRefused.COMMIT);
    var words = options.arguments();
    var name =
        words.size() > 1 ? Optional.of(Names.tag(words.get(1))) : Optional.<Reference>empty();
    options.isOn("--pause", true);
    var request =
        new CommitRequest(
            name,
            options.values("--change"),
            options.value("--author"),
            options.value("--message"),
            Epoch.of(session.environment()));
    return StoreWork.run(
        session,
        store -> {
          var state = new KeptStates(store).named(options.argument("a container"));
          var id = new Commit(store, Clock.systemUTC()).run(state, request);
          var file = options.value("--iidfile");
          if (file.isPresent()) {
            ResultFile.write(file.get(), id.toString());
          }
          session.console().result(id.toString());
          return 0;
        });
  }
}
