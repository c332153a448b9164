package dev.jbuild.cli;

import java.util.List;

/// What `jbuild --help` says.
final class Overview {

  /// The commands: name and what it does.
  static final List<List<String>> SUMMARY =
      List.of(
          List.of("[build] CONTEXT", "build an image from a Dockerfile (the default command)"),
          List.of("import TAR|DIR|URL|- [NAME]", "make an image from a root file system"),
          List.of("run IMAGE [CMD…]", "start a container from an image"),
          List.of("start CONTAINER [CMD…]", "run a process in a kept container"),
          List.of("debug [STEP]", "open a shell in a step, first of all in one that failed"),
          List.of("commit CONTAINER|STEP [NAME]", "make an image of what is kept"),
          List.of("diff CONTAINER|IMAGE [IMAGE]", "show which files differ"),
          List.of("ps", "list kept containers and failed steps"),
          List.of("rm CONTAINER…", "remove kept containers and failed steps"),
          List.of("pull NAME", "bring an image from a registry"),
          List.of("push NAME", "send an image to a registry"),
          List.of("copy SOURCE DESTINATION", "copy an image from registry to registry"),
          List.of("login [REGISTRY]", "log in to a registry"),
          List.of("logout [REGISTRY]", "log out of it"),
          List.of("images", "list images"),
          List.of("history IMAGE", "show how an image was made"),
          List.of("tree [IMAGE…]", "show which layers images have, and which they share"),
          List.of("inspect IMAGE…", "show all about images, as JSON"),
          List.of("tag IMAGE NAME", "give an image another name"),
          List.of("rmi IMAGE…", "remove names, and images without names"),
          List.of("save IMAGE…", "write images to an archive that docker load reads"),
          List.of("load", "read images from an archive"),
          List.of("lint [CONTEXT|FILE|-]", "look for what could be better in a Dockerfile"),
          List.of("parse [FILE|DIR|-]", "show what a Dockerfile says, as JSON"),
          List.of("prune", "remove what nothing needs any more"),
          List.of("registry serve|ls|tags|inspect|rm", "run a registry, or ask one"),
          List.of("cache explain|export|import|ls", "say why steps were made; share the cache"),
          List.of("store check|du", "check the store, or say what fills it"),
          List.of("context ls|why", "say what COPY sees of a context, and which line decides"),
          List.of("doctor", "say whether RUN steps work here, and what would make them"),
          List.of("completion bash|zsh|fish", "print a script with which a shell completes"),
          List.of("version", "show the version"));

  private Overview() {}

  static String text() {
    var text = new StringBuilder("jbuild turns a Dockerfile into an OCI image.\n\nUsage:\n");
    int width = SUMMARY.stream().mapToInt(row -> row.get(0).length()).max().orElse(1);
    for (var row : SUMMARY) {
      text.append(String.format("  jbuild %-" + width + "s  %s%n", row.get(0), row.get(1)));
    }
    return text.append(
            """

            Every command: --root DIR (another store), --debug, --help (its options, an example).

            Example:
              jbuild -t hello:1 .
              jbuild run --rm hello:1\
            """)
        .toString();
  }
}
