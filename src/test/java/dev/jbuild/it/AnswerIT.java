package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A build of which nothing changed is answered by the launcher, and only such a one.
class AnswerIT {

  /// The launcher's code where it finds no Java.
  private static final int NO_JAVA = 127;

  private static final String DOCKERFILE =
      """
      FROM base AS made
      RUN echo made > /made
      FROM base
      ARG NAME=none
      LABEL name=$NAME
      COPY a* /a/
      COPY d /d
      COPY --from=made /made /
      """;

  @RegisterExtension final Workbench bench = new Workbench();

  @BeforeEach
  void writeContext() {
    Tools.needRoot();
    bench.base().longRuns();
    bench.file("a1", "1").file("a2", "2").file("d/e/f", "3").file("d/g", "4").file("other", "5");
    bench.file(".dockerignore", "d/*.log\nignored\n").file("ignored/x", "6").file("d/z.log", "7");
    bench.dockerfile(DOCKERFILE);
  }

  private static String[] words(String... more) {
    var words = new ArrayList<>(List.of("build", "-t", "it:1"));
    words.addAll(List.of(more));
    words.add("context");
    return words.toArray(String[]::new);
  }

  /// Builds until there is an answer: what is younger than a tick of the clock has none.
  private Outcome build(String... more) {
    bench.sh("sleep 0.3");
    return bench.jbuild(words(more)).succeeds();
  }

  private void isAnswered(String... more) {
    bench.jbuildWithoutJava(words(more)).succeeds();
  }

  private void isNotAnswered(String... more) {
    bench.jbuildWithoutJava(words(more)).failsWith(NO_JAVA).saysOnError("JBUILD_JAVA_HOME");
  }

  private static String withoutTimes(String text) {
    return text.replaceAll("\\d+\\.\\ds", "0.0s");
  }

  @Test
  void theAnswerIsWhatJavaWouldSay() {
    for (var more : List.of(new String[0], new String[] {"-q"}, new String[] {"--progress=tty"})) {
      build(more).doesNotSay("5 of 5 steps cached");
      var answer = bench.jbuildWithoutJava(words(more)).succeeds();
      bench.env("JBUILD_JAVA_OPTS", "-Dno=answer");
      var java = bench.jbuild(words(more)).succeeds();
      bench.longRuns();
      assertEquals(java.out(), answer.out());
      assertEquals(withoutTimes(java.err()), withoutTimes(answer.err()));
      bench.jbuild("prune", "-a", "-f").succeeds();
    }
  }

  @Test
  void warningsAreSaidAgain() {
    bench.dockerfile("from base\nCOPY a1 /\nCMD a b\n");
    build().saysOnError("warning: ");
    assertEquals(
        build().err().lines().filter(line -> line.startsWith("warning")).toList(),
        bench
            .jbuildWithoutJava(words())
            .succeeds()
            .err()
            .lines()
            .filter(line -> line.startsWith("warning"))
            .toList());
  }

  @Test
  void whatAnyChangeOfTheFilesMakesIsSeen() {
    var changes =
        List.of(
            "echo 9 > a1",
            "touch a1",
            "touch -r a1 ../ref; printf 8 > a1; touch -r ../ref a1",
            "chmod 600 d/e/f",
            "echo > d/e/new",
            "echo > a3",
            "rm a3",
            "mv d/e/new d/e/newer",
            "mv d ../d; cp -a ../d d",
            "rm a2; ln -s a1 a2",
            "rm a2; cp a1 a2",
            "mkdir d/empty",
            "echo >> Dockerfile",
            "echo nothing > .dockerignore",
            "echo 'd/*.log' > Dockerfile.dockerignore",
            "rm Dockerfile.dockerignore",
            "rm .dockerignore",
            "cd ..; mv context c2; cp -a c2 context; rm -r c2",
            "cp -a Dockerfile D; ln -sf D Dockerfile");
    for (var change : changes) {
      build();
      isAnswered();
      bench.sh("cd context; " + change);
      assertEquals(NO_JAVA, bench.jbuildWithoutJava(words()).exitCode(), change);
    }
  }

  @Test
  void theStoreMayBeNamedInAnyWay() {
    bench.sh("mkdir a; ln -s store s; sleep 0.3");
    for (var root : List.of("store", "./a/../store/", "s", bench.store().toString())) {
      for (var option : List.of(List.of("--root", root), List.of("--root=" + root))) {
        var words = new ArrayList<>(option);
        words.addAll(List.of(words()));
        bench.jbuild(words.toArray(String[]::new)).succeeds();
        bench.jbuildWithoutJava(words.toArray(String[]::new)).succeeds();
      }
    }
  }

  @Test
  void itIsGoodForAnHourAndUntilABoot() {
    build();
    bench.sh("cp -a store/cache/answers kept; cd store/cache/answers; sed -i 4s/.*/0/ [!0-9]*");
    isNotAnswered();
    bench.sh("cp -a kept/* store/cache/answers; cd store/cache/answers; sed -i 3s/.*/0/ [!0-9]*");
    isNotAnswered();
    bench.sh("cp -a kept/* store/cache/answers; truncate -s 0 store/cache/answers/*.stats");
    isNotAnswered();
    bench.sh("cp -a kept/* store/cache/answers");
    isAnswered();
  }

  /// It may be of a kind that does not tell of new names.
  @Test
  void aPartOfTheContextOnAnotherFileSystem() {
    bench.sh("cd context; mkdir m; mount -t tmpfs none m; echo 1 > m/f");
    try {
      bench.dockerfile("FROM scratch\nCOPY m/f /\n");
      build();
      isNotAnswered();
    } finally {
      bench.sh("umount context/m");
    }
  }

  @Test
  void aDockerfileThatIsALinkHasNoAnswer() {
    bench.sh("cd context; mv Dockerfile ../D; ln -s ../D D");
    build("-f", "context/D");
    isNotAnswered("-f", "context/D");
  }

  @Test
  void whatNoStepReadsDoesNotMatter() {
    build();
    bench.sh("cd context; echo 9 > ignored/x; echo 9 > d/z.log");
    isAnswered();
    bench.dockerfile(DOCKERFILE.replace("a*", "a1")); // the directory need not be listed
    build();
    bench.sh("cd context; echo 9 > other");
    isAnswered();
  }

  @Test
  void otherWordsAndVariablesAreOtherBuilds() {
    build();
    isAnswered();
    isNotAnswered("--build-arg", "NAME=me");
    isNotAnswered("--no-cache");
    isNotAnswered("-t", "it:2");
    build("--build-arg", "NAME=me");
    isAnswered("--build-arg", "NAME=me");
    isNotAnswered("--build-arg", "NAME=you");
    bench.env("SOURCE_DATE_EPOCH", "1");
    isNotAnswered("--build-arg", "NAME=me");
    bench.env("SOURCE_DATE_EPOCH", "");
    isAnswered("--build-arg", "NAME=me");
    bench.env("JBUILD_SANDBOX", "chroot");
    isNotAnswered("--build-arg", "NAME=me");
  }

  @Test
  void whatIsNotInFilesHasNoAnswer() {
    for (var more :
        List.of(
            new String[] {"--build-arg", "NAME"},
            new String[] {"--no-cache"},
            new String[] {"--pull=never"},
            new String[] {"-o", "type=tar,dest=out.tar"},
            new String[] {"--iidfile", "id"})) {
      build(more);
      isNotAnswered(more);
    }
  }

  @Test
  void theStoreMustHaveWhatTheAnswerTells() {
    build();
    bench.jbuild("tag", "base", "another:1").succeeds();
    isAnswered();
    bench.jbuild("tag", "base", "it:1").succeeds();
    isNotAnswered();
    build();
    isAnswered();
    bench.jbuild("rmi", "it:1").succeeds();
    isNotAnswered();
    build();
    isAnswered();
    bench.jbuild("tag", "it:1", "base").succeeds();
    isNotAnswered();
    build();
    isAnswered();
    bench.jbuild("prune", "-f").succeeds();
    isNotAnswered();
    build();
    isAnswered();
    bench.sh("rm store/cache/steps/*");
    isNotAnswered();
    build().saysOnError("0 of 4 steps cached");
  }

  @Test
  void anImageWithoutAName() {
    bench.sh("sleep 0.3");
    bench.jbuild("build", "context").succeeds();
    bench.jbuildWithoutJava("build", "context").succeeds();
    bench.jbuild("tag", "base", "another:1").succeeds();
    bench.jbuildWithoutJava("build", "context").succeeds();
    bench.jbuild("prune", "-f").succeeds();
    bench.jbuildWithoutJava("build", "context").failsWith(NO_JAVA);
  }

  /// What it was built from is not what the name means when it ends.
  @Test
  void aBaseThatIsReplacedWhileTheBuildRuns() {
    bench.dockerfile("FROM scratch\nCOPY a1 /\n");
    bench.jbuild("build", "-t", "new:1", "context").succeeds();
    bench.dockerfile("FROM base\nRUN sleep 5\n");
    bench.sh("sleep 0.3");
    var building = CompletableFuture.supplyAsync(() -> bench.jbuild(words()));
    bench.sh("sleep 3");
    bench.jbuild("tag", "new:1", "base").succeeds();
    building.join().succeeds();
    isNotAnswered();
  }

  @Test
  void anotherBuildDoesNotMatter() {
    build();
    bench.file("../context2/Dockerfile", "FROM base\nRUN true\n");
    bench.jbuild("build", "-t", "it:2", "context2").succeeds();
    isAnswered();
  }

  /// Another change could leave the time of such a file as it is. One of the future is young on any
  /// machine.
  @Test
  void youngFilesHaveNoAnswer() {
    build();
    bench.sh("touch -d '1 hour' context/a1");
    build();
    isNotAnswered();
  }

  @Test
  void namesAreBytes() {
    bench.sh("cd context/d; touch 'a b' \"$(printf 'x\\ny')\" \"$(printf 'u\\377')\" -- -n '%i'");
    build();
    isAnswered();
    bench.sh("cd context/d; echo > \"$(printf 'u\\377')\"");
    isNotAnswered();
  }

  @Test
  void aBuildThatFailsHasNoAnswer() {
    build();
    bench.dockerfile(DOCKERFILE + "RUN false\n");
    bench.sh("sleep 0.3");
    bench.jbuild(words()).failsWith(4);
    isNotAnswered();
  }

  /// A container of a person in a namespace of their own has the same files.
  @Test
  void anOrdinaryUser() {
    bench.as(Workbench.Who.USER).sh("rm -rf store");
    bench.dockerfile("FROM scratch\nCOPY d /d\n");
    build();
    isAnswered();
    bench.sh("echo 9 > context/d/g");
    isNotAnswered();
  }

  @Test
  void thereAreNeverMany() throws Exception {
    bench.dockerfile("FROM scratch\nCOPY a1 /\n");
    build();
    var answers = bench.store().resolve("cache/answers");
    bench.sh("cd store/cache/answers; for i in $(seq 700); do : > x$i; done");
    build("-t", "it:2");
    try (var left = Files.list(answers)) {
      assertEquals(3, left.count());
    }
    isAnswered("-t", "it:2");
    build("-t", "it:2", "--label", "a=b");
    bench.file("a1", "9");
    build("-t", "it:2");
    try (var left = Files.list(answers)) {
      assertEquals(6, left.count(), "the evidence of the one before is gone");
    }
    bench.jbuild("prune", "-f").succeeds();
    assertFalse(Files.exists(answers));
  }
}
