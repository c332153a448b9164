package dev.jbuild.cli;

/// What `jbuild --help` says.
final class Overview {

  private Overview() {}

  static String text() {
    var text = new StringBuilder("jbuild turns a Dockerfile into an OCI image.\n\nUsage:\n");
    int width = Commands.SUMMARY.stream().mapToInt(row -> row.get(0).length()).max().orElse(1);
    for (var row : Commands.SUMMARY) {
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
