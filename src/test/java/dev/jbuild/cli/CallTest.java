package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.SimpleFileServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `jbuild --call`: what a Dockerfile offers and takes, as docker build tells it.
class CallTest {

  private static final String STAGES =
      """
      ARG registry=example.org
      ARG loose=${registry}/x
      # image is what all begins with
      ARG image="${registry}/go"

      # build compiles the program
      FROM --platform=$BUILDPLATFORM ${image} AS Build
      # level is how hard it tries
      # check=skip=all
      ARG level=2
      ARG TARGETARCH token
      RUN --mount=type=secret,target=/etc/key,required --mount=type=ssh \\
        --mount=type=cache,target=/c true

      FROM alpine:3 AS unused
      ARG other
      RUN --mount=type=secret,id=never true

      FROM scratch AS files
      ARG image
      ARG level=3
      RUN --mount=type=secret,id=of-${level} --mount=type=ssh,id=deploy,required true

      # app is what runs
      FROM files AS app
      COPY --from=build /x /y

      FROM unused
      """;

  @TempDir Path directory;

  private Jbuild run(String dockerfile, String... words) throws IOException {
    var context = Files.createDirectories(directory.resolve("context"));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    var all = new ArrayList<>(List.of(words));
    all.add(context.toString());
    var run = new Jbuild(directory.resolve("store")).run(all.toArray(String[]::new));
    assertFalse(Files.exists(directory.resolve("store")));
    return run;
  }

  private JsonNode json(String dockerfile, String... words) throws IOException {
    var run = run(dockerfile, words);
    assertEquals(0, run.code(), run.err());
    return new ObjectMapper().readTree(run.out());
  }

  @Test
  void targetsAreTheStagesWithWhatTheCommentsSayOfThem() throws IOException {
    var run = run(STAGES, "--call=targets");
    assertEquals(
        """
        TARGET      DESCRIPTION
        build       compiles the program
        unused
        files
        app         is what runs
        (default)
        """,
        run.out());
    assertEquals(0, run.code());
    assertTrue(run("FROM scratch AS a\n", "--call=targets").out().contains("\na (default)\n"));

    var list = json(STAGES, "build", "--call", "targets,format=json");
    var build = list.get("targets").get(0);
    assertEquals("build", build.get("name").asText());
    assertEquals("${image}", build.get("base").asText());
    assertEquals("$BUILDPLATFORM", build.get("platform").asText());
    assertEquals("7-7", lines(build));
    assertFalse(build.has("default"));
    assertTrue(list.get("targets").get(4).get("default").asBoolean());
    assertEquals(STAGES, decoded(list.get("sources").get(0)));
  }

  /// An ARG that a stage repeats without a value is told where it has one; what the machine says by
  /// itself is no argument to give.
  @Test
  void anOutlineTellsWhatTheTargetAndTheStagesItNeedsTake() throws IOException {
    var run = run(STAGES, "--call=outline", "--target=APP", "--build-arg", "level=7");
    assertEquals(
        """
        TARGET:      app
        DESCRIPTION: is what runs

        BUILD ARG   VALUE            DESCRIPTION
        registry    example.org
        image       example.org/go   is what all begins with
        token
        level       7

        SECRET    REQUIRED
        key       true
        of-7

        SSH       REQUIRED
        default
        deploy    true

        CACHE
        /c
        """,
        run.out());
    assertEquals("", run.err());

    var outline = json(STAGES, "--call=outline,format=json", "--target=build");
    assertEquals("compiles the program", outline.get("description").asText());
    var level = outline.get("args").get(2);
    assertEquals("level", level.get("name").asText());
    assertEquals("2", level.get("value").asText());
    assertEquals("is how hard it tries", level.get("description").asText());
    assertEquals("10-10", lines(level));
    assertFalse(outline.get("args").get(3).has("value"));
    assertTrue(outline.get("secrets").get(0).get("required").asBoolean());
    assertEquals("12-13", lines(outline.get("secrets").get(0)));
    assertEquals("default", outline.get("ssh").get(0).get("name").asText());
    assertEquals("/c", outline.get("cache").get(0).get("ID").asText());
    assertEquals(STAGES, decoded(outline.get("sources").get(0)));
  }

  /// An ARG that is declared again goes on from what it was; the last one counts.
  @Test
  void anArgumentIsToldOnceWithAllThatItsValueIsMadeOf() throws IOException {
    var text =
        """
        ARG A=1
        ARG B=b
        ARG C=c
        ARG A=${A}${B}
        ARG D=${A}2
        ARG A=${A}3${D}
        FROM scratch
        ARG A
        ARG X=1
        ARG Y=${X}2
        ARG X=${X}3${Y}
        """;
    assertEquals(
        """
        TARGET:      (default)

        BUILD ARG   VALUE     DESCRIPTION
        B           b
        D           1b2
        A           1b31b2
        Y           12
        X           1312
        """,
        run(text, "--call=outline").out());
  }

  @Test
  void aCheckIsToldAsDockerTellsItInJson() throws IOException {
    var bad = "FROM scratch AS a\nENV k v\nCOPPY\n";
    var run = run(bad, "--call=check,format=json");
    assertEquals(3, run.code());
    var found = new ObjectMapper().readTree(run.out());
    var warning = found.get("warnings").get(0);
    assertEquals("LegacyKeyValueFormat", warning.get("ruleName").asText());
    assertTrue(warning.get("url").asText().startsWith("https://"), run.out());
    assertTrue(warning.has("description") && warning.has("detail"), run.out());
    assertEquals("2-2", lines(warning));
    assertEquals("Dockerfile", found.get("sources").get(0).get("language").asText());
    assertEquals(bad, decoded(found.get("sources").get(0).get("data")));
    assertEquals("unknown instruction COPPY", found.get("buildError").get("message").asText());
    assertEquals("3-3", lines(found.get("buildError")));

    var longer = "FROM scratch\nENV A=1 \\\n  TOKEN=x \\\n  B=2\n";
    var secret = new ObjectMapper().readTree(run(longer, "--call=check,format=json").out());
    assertEquals("2-4", lines(secret.get("warnings").get(0)));

    var old = "FROM scratch\nENV k v\n";
    assertEquals(3, run(old, "--call=check").code());
    assertEquals(0, run(old, "--call=check,ignorestatus=true").code());
    assertEquals(0, run(old, "--check", "--call=ignorestatus=1").code());
  }

  /// The place of an argument is as long as any, however many lines its instruction has.
  @Test
  void manyArgumentsOfOneInstructionMakeNoLargeDocument() throws IOException {
    int count = 300;
    var names = new StringBuilder("FROM scratch\nARG");
    for (int i = 0; i < count; i++) {
      names.append(" \\\n  a").append(i);
    }
    var run = run(names + "\n", "--call=outline,format=json");
    assertEquals(0, run.code(), run.err());
    assertTrue(run.out().length() < 500 * count, run.out().length() + " characters");
    var arguments = new ObjectMapper().readTree(run.out()).get("args");
    assertEquals(count, arguments.size());
    assertEquals("2-" + (count + 2), lines(arguments.get(count - 1)));
  }

  /// What is looked at is what would be built, wherever -f says that it lies.
  @Test
  void aDockerfileOnAWebServerIsFetched() throws IOException {
    var text = "FROM scratch AS web\nENV k v\nCOPY left /\n";
    var served = Files.createDirectories(directory.resolve("served"));
    Files.writeString(served.resolve("Dockerfile"), text);
    var context = Files.createDirectories(directory.resolve("context"));
    Files.writeString(context.resolve(".dockerignore"), "left\n");
    var anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var files =
        SimpleFileServer.createFileServer(anywhere, served, SimpleFileServer.OutputLevel.NONE);
    files.start();
    try {
      var url = "http://127.0.0.1:" + files.getAddress().getPort() + "/Dockerfile";
      var store = directory.resolve("fetched");
      var targets = new Jbuild(store).run("--call=targets", "-f", url, context.toString());
      assertEquals(0, targets.code(), targets.err());
      assertTrue(targets.out().contains("web (default)"), targets.out());
      var check = new Jbuild(store).run("--check", "-f", url, context.toString());
      assertEquals(3, check.code(), check.err());
      assertTrue(check.out().contains("Dockerfile:2:"), check.out());
      assertTrue(check.out().contains("CopyIgnoredFile"), check.out());
      var lint = new Jbuild(store).run("lint", "-f", url, context.toString());
      assertEquals(2, lint.code());
      assertTrue(lint.err().contains("lint takes a directory or a file, not http:"), lint.err());
    } finally {
      files.stop(0);
    }
  }

  @Test
  void othersAreNamedOrRefused() throws IOException {
    assertTrue(run("FROM scratch\n", "--call=subrequests.describe").out().contains("outline  "));
    var methods = json("FROM scratch\n", "--call=subrequests.describe,format=json");
    assertEquals("frontend.lint", methods.get(0).get("name").asText());
    for (var call : List.of("x", "check,targets", "check,y=1", "check,format=xml")) {
      var refused = run("FROM scratch\n", "--call", call);
      assertEquals(2, refused.code());
      assertTrue(refused.err().contains("--call"), refused.err());
    }
    var none = run(STAGES, "--call=outline", "--target=ap");
    assertEquals(3, none.code());
    assertTrue(none.err().contains("did you mean app?"), none.err());
    assertEquals(3, run("FROM scratch\nCOPPY\n", "--call=targets").code());
  }

  private static String lines(JsonNode placed) {
    var ranges = placed.get("location").get("ranges");
    int last = ranges.get(ranges.size() - 1).get("end").get("line").asInt();
    return ranges.get(0).get("start").get("line").asInt() + "-" + last;
  }

  private static String decoded(JsonNode base64) {
    var bytes = Base64.getDecoder().decode(base64.asText());
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
