package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The scenarios, in the order of docs/performance.md. Each run of a builder begins with the base
/// image in its storage and with nothing of this scenario's round, unless the row is about what is
/// there already.
final class Scenarios {

  private static final int TREE = 20_000;

  /// What S1 makes, and what is pushed and pulled builds on: beside the tree, these are 385 MB.
  private static final String DISTRIBUTION = "distribution:1";

  private Scenarios() {}

  static List<Scenario> all() {
    return List.of(
        new Scenario(
            "S1", "import of a root file system of 194 MiB", false, 0.25, Scenarios::importTar),
        new Scenario("S2", "COPY of 20,000 files, cold", false, 0.15, Scenarios::cold),
        new Scenario("S3", "the same, nothing changed", false, 0.25, again(Change.NOTHING)),
        new Scenario("S4", "the same, one file changed", false, 0.15, again(Change.ONE_FILE)),
        new Scenario("S5", "the same, all files touched", false, 0.12, again(Change.ALL_TIMES)),
        new Scenario("S6", "ten trivial RUN steps, cold", false, 0.40, Scenarios::tenSteps),
        new Scenario("S7", "the same, nothing changed", false, 0.80, Scenarios::tenStepsAgain),
        new Scenario(
            "S7a",
            "a web application's Dockerfile, nothing changed",
            false,
            0.80,
            Scenarios::applicationAgain),
        new Scenario(
            "S8", "a RUN that writes 5,000 files, 200 MB", false, 0.60, Scenarios::bigStep),
        new Scenario("S9", "three stages that sleep for 1 s", false, 0.65, Scenarios::stages),
        new Scenario("S10", "COPY of 1 GiB", true, 0.25, Scenarios::large),
        new Scenario("S10a", "OCI archive of it, plain", true, 0.25, Scenarios::archive),
        new Scenario("S11", "push of S2's image on that of S1, gzip", true, 0.90, Scenarios::push),
        new Scenario("S11z", "the same, zstd; others: gzip", true, 0.50, Scenarios::pushZstd),
        new Scenario("S11a", "the same again; others: first", true, 0.05, Scenarios::pushAgain),
        new Scenario("S12", "pull of it", true, 0.40, Scenarios::pull),
        new Scenario("S13", "COPY of 100,000 files, cold", true, 0.15, Scenarios::coldHuge),
        new Scenario("S13a", "the same, nothing changed", true, 0.25, Scenarios::againHuge),
        new Scenario(
            "S14",
            "--version",
            false,
            1.5,
            (desk, builder, _) -> Optional.of(desk.time(builder, builder.versionCommand()))),
        new Scenario("S14a", "the smallest build, cold", false, 0.50, Scenarios::smallest),
        new Scenario("S14b", "the same again", false, 0.30, Scenarios::smallestAgain));
  }

  private static Optional<Measure> importTar(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    builder.reset(); // images of earlier rounds may hold its layer, also under a registry's names
    builder.base(desk.inputs().baseTar());
    Measure sum = new Measure(0, 0, 0, 0);
    for (var each : builder.importTar(desk.inputs().rootFileSystemTar(), DISTRIBUTION)) {
      sum = sum.plus(desk.time(builder, each));
    }
    desk.check(builder, DISTRIBUTION, "S1/" + round, 100);
    return Optional.of(sum);
  }

  /// Five steps, of which one copies the tree.
  private static Path context(Desk desk, String name, int files, int round)
      throws IOException, InterruptedException {
    return context(desk, name, files, round, "base:1");
  }

  private static Path context(Desk desk, String name, int files, int round, String base)
      throws IOException, InterruptedException {
    var tree = desk.inputs().tree(name, files, round);
    Inputs.write(
        tree.resolve("Dockerfile"),
        """
        FROM %s
        ENV ROUND=%d
        WORKDIR /app
        COPY . /app
        CMD ["/bin/sh"]
        """
            .formatted(base, round));
    return tree;
  }

  private static Optional<Measure> cold(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    return cold(desk, builder, round, "tree", TREE);
  }

  private static Optional<Measure> cold(
      Desk desk, Builder builder, int round, String name, int files)
      throws IOException, InterruptedException {
    var context = context(desk, name, files, round);
    var image = name + ":" + round;
    long before = builder.diskBytes();
    var measure = desk.time(builder, builder.build(context, image, true));
    long after = builder.diskBytes();
    desk.check(builder, image, name + "/" + round, 10);
    return Optional.of(measure.withDisk(after - before));
  }

  /// What becomes of one file of a tree, or of the times of all, between two builds.
  private enum Change {
    NOTHING,
    ONE_FILE,
    ALL_TIMES
  }

  /// A build of what was built before, after a change.
  private static Scenario.Body again(Change change) {
    return (desk, builder, round) -> {
      var context = context(desk, "tree", TREE, round);
      if (change == Change.ONE_FILE) {
        Inputs.changeOne(context, "before");
      }
      Shell.run(builder.build(context, "tree:" + round, true));
      switch (change) {
        case NOTHING -> {}
        case ONE_FILE -> Inputs.changeOne(context, "after");
        case ALL_TIMES -> Inputs.touchAll(context);
      }
      var measure = desk.time(builder, builder.build(context, "tree:" + round, true));
      desk.check(builder, "tree:" + round, change + "/" + round, 10);
      return Optional.of(measure);
    };
  }

  private static Path tenSteps(Desk desk) throws IOException, InterruptedException {
    var text = new StringBuilder("FROM base:1\n");
    for (int i = 0; i < 10; i++) {
      text.append("RUN echo ").append(i).append(" > /step").append(i).append('\n');
    }
    return desk.inputs().dockerfile("ten", text.toString());
  }

  private static Optional<Measure> tenSteps(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var measure = desk.time(builder, builder.build(tenSteps(desk), "ten:1", false));
    desk.check(builder, "ten:1", "S6/" + round, 10);
    return Optional.of(measure);
  }

  private static Optional<Measure> tenStepsAgain(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    return Optional.of(again(desk, builder, tenSteps(desk), "ten:1"));
  }

  /// A build of what was built a moment before.
  private static Measure again(Desk desk, Builder builder, Path context, String image)
      throws IOException, InterruptedException {
    var command = builder.build(context, image, true);
    Shell.run(command);
    return desk.time(builder, command);
  }

  /// The instructions of the day, as people write them, in two stages.
  private static Optional<Measure> applicationAgain(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var context =
        desk.inputs()
            .dockerfile(
                "application",
                """
                ARG TAG=1
                FROM base:${TAG} AS build
                WORKDIR /app
                COPY package*.json ./
                RUN echo installed > installed
                COPY . .
                ARG MODE=fast
                ENV NODE_ENV=production
                RUN echo "$MODE" > made
                FROM base:1
                LABEL org.opencontainers.image.title=app maintainer="me"
                WORKDIR /app
                COPY --from=build --chown=1000:1000 /app /app
                EXPOSE 3000 8080/udp
                VOLUME /data
                STOPSIGNAL SIGTERM
                USER 1000:1000
                ENTRYPOINT ["sh"]
                CMD ["-c", "true"]
                """);
    Inputs.write(context.resolve("package.json"), "{}\n");
    Inputs.write(context.resolve("index.js"), "application\n");
    var measure = again(desk, builder, context, "application:1");
    desk.check(builder, "application:1", "S7a/" + round, 4);
    return Optional.of(measure);
  }

  private static Optional<Measure> bigStep(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var context =
        desk.inputs()
            .dockerfile(
                "big",
                """
                FROM base:1
                RUN mkdir /seed /out && head -c 40000 /bin/busybox > /seed/f && \\
                    for i in $(seq 49); do cp /seed/f /seed/f$i; done && \\
                    for i in $(seq 100); do cp -r /seed /out/$i; done
                """);
    var measure = desk.time(builder, builder.build(context, "big:1", false));
    desk.check(builder, "big:1", "S8/" + round, 5000);
    return Optional.of(measure);
  }

  private static Optional<Measure> stages(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var context =
        desk.inputs()
            .dockerfile(
                "stages",
                """
                FROM base:1 AS a
                RUN sleep 1; echo a > /a
                FROM base:1 AS b
                RUN sleep 1; echo b > /b
                FROM base:1 AS c
                RUN sleep 1; echo c > /c
                FROM base:1
                COPY --from=a /a /
                COPY --from=b /b /
                COPY --from=c /c /
                """);
    var measure = desk.time(builder, builder.build(context, "stages:1", false));
    desk.check(builder, "stages:1", "S9/" + round, 3);
    return Optional.of(measure);
  }

  private static Optional<Measure> large(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var context = desk.inputs().large("large", 1024, round);
    Inputs.write(context.resolve("Dockerfile"), "FROM base:1\nCOPY large.bin /\n");
    var measure = desk.time(builder, builder.build(context, "large:" + round, true));
    desk.check(builder, "large:" + round, "S10/" + round, 1);
    return Optional.of(measure);
  }

  private static Optional<Measure> archive(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var file = desk.directory().resolve("large.tar");
    Files.deleteIfExists(file);
    var measure = desk.time(builder, builder.archive("large:" + round, file));
    Files.delete(file);
    builder.remove("large:" + round);
    builder.base(desk.inputs().baseTar());
    return Optional.of(measure);
  }

  /// Once in a round: what the others take for it stands in three rows.
  private static Optional<Measure> push(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var known = desk.push(builder, round);
    if (known.isEmpty()) {
      prepared(desk, builder, round);
      try (var registry = desk.registry()) {
        known = Optional.of(push(desk, builder, round, registry, false));
      }
      desk.pushed(builder, round, known.get());
    }
    return known;
  }

  private static Optional<Measure> pushZstd(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    if (!(builder instanceof Jbuild)) {
      return push(desk, builder, round); // the goal is about the others' gzip
    }
    prepared(desk, builder, round);
    try (var registry = desk.registry()) {
      return Optional.of(push(desk, builder, round, registry, true));
    }
  }

  /// An image that was never pushed: what is remembered of an earlier push would be no work.
  private static void prepared(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    builder.remove("tree:" + round);
    builder.base(desk.inputs().baseTar());
    if (!builder.has(DISTRIBUTION)) {
      for (var each : builder.importTar(desk.inputs().rootFileSystemTar(), DISTRIBUTION)) {
        Shell.run(each);
      }
    }
    var context = context(desk, "tree", TREE, round, DISTRIBUTION);
    Shell.run(builder.build(context, "tree:" + round, true));
  }

  private static Measure push(
      Desk desk, Builder builder, int round, RunningRegistry registry, boolean zstd)
      throws IOException, InterruptedException {
    var destination = registry.host() + "/tree:" + round;
    if (builder instanceof Docker docker) {
      docker.tag("tree:" + round, destination);
    }
    return desk.time(builder, builder.push("tree:" + round, destination, zstd));
  }

  private static Optional<Measure> pushAgain(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    if (!(builder instanceof Jbuild)) {
      return push(desk, builder, round);
    }
    prepared(desk, builder, round);
    try (var registry = desk.registry()) {
      push(desk, builder, round, registry, false);
      return Optional.of(push(desk, builder, round, registry, false));
    }
  }

  private static Optional<Measure> pull(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    prepared(desk, builder, round);
    try (var registry = desk.registry()) {
      push(desk, builder, round, registry, false);
      builder.reset();
      var image = registry.host() + "/tree:" + round;
      var measure = desk.time(builder, builder.pull(image));
      desk.check(builder, image, "S12/" + round, 10);
      builder.remove(image);
      builder.base(desk.inputs().baseTar());
      return Optional.of(measure);
    }
  }

  private static Optional<Measure> coldHuge(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    return cold(desk, builder, round, "huge", 5 * TREE);
  }

  private static Optional<Measure> againHuge(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    var context = context(desk, "huge", 5 * TREE, round);
    Shell.run(builder.build(context, "huge:" + round, true));
    var measure = desk.time(builder, builder.build(context, "huge:" + round, true));
    builder.remove("huge:" + round);
    builder.base(desk.inputs().baseTar());
    return Optional.of(measure);
  }

  private static Path smallest(Desk desk) throws IOException, InterruptedException {
    return desk.inputs().dockerfile("smallest", "FROM scratch\nCOPY Dockerfile /\n");
  }

  private static Optional<Measure> smallest(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    return Optional.of(desk.time(builder, builder.build(smallest(desk), "smallest:1", false)));
  }

  private static Optional<Measure> smallestAgain(Desk desk, Builder builder, int round)
      throws IOException, InterruptedException {
    return Optional.of(again(desk, builder, smallest(desk), "smallest:1"));
  }
}
