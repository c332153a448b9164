package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import dev.jbuild.tar.Compression;
import dev.jbuild.tar.TarForge;
import dev.jbuild.tar.TarLimits;
import dev.jbuild.tar.TarReader;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/// Where a build's files come from: directories, archives, addresses, named contexts.
class BuildContextsTest {

  @TempDir Path directory;

  private Path file(String name, String text) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private String path(String name) {
    return directory.resolve(name).toString();
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private Jbuild jbuild(byte[] input, String... words) {
    var before = System.in;
    System.setIn(new ByteArrayInputStream(input));
    try {
      return jbuild(words);
    } finally {
      System.setIn(before);
    }
  }

  /// What is in a tar, an entry a line.
  private static String listing(Path tar) throws IOException {
    var lines = new StringBuilder();
    try (var in = Files.newInputStream(tar)) {
      var reader = new TarReader(in, TarLimits.DEFAULT);
      for (var entry = reader.next(); entry != null; entry = reader.next()) {
        var owner =
            " " + Integer.toOctalString(entry.mode()) + " " + entry.uid() + ":" + entry.gid();
        lines
            .append(entry.path())
            .append(
                switch (entry.type()) {
                  case FILE -> owner + " " + new String(reader.content().readAllBytes(), UTF_8);
                  case SYMLINK -> " -> " + new String(entry.link(), UTF_8);
                  case HARDLINK -> " = " + entry.hardLink();
                  case DIRECTORY, CHARACTER, BLOCK, FIFO -> owner;
                });
        lines.append('\n');
      }
    }
    return lines.toString();
  }

  private static void says(Jbuild run, int code, String text) {
    assertEquals(code, run.code(), run.err());
    assertTrue(run.err().contains(text), run.err());
  }

  private static byte[] compressed(Compression by, byte[] plain) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (OutputStream out =
        switch (by) {
          case BZIP2 -> new BZip2CompressorOutputStream(bytes);
          case XZ -> new XZOutputStream(bytes, new LZMA2Options(1));
          case NONE, GZIP, ZSTD -> by.compress(bytes, 1);
        }) {
      out.write(plain);
    }
    return bytes.toByteArray();
  }

  private static TarForge context() {
    return new TarForge()
        .directory("./")
        .file("./Dockerfile", "FROM scratch\nCOPY d /d/\nCOPY link /e/\n")
        .file("./other", "FROM scratch\nCOPY d/a /other\n")
        .file("./.dockerignore", "d\n") // counts in a directory only
        .block(new TarForge.Block("./d/a").mode(0640).owner(7, 8).size(5))
        .raw(Arrays.copyOf("alpha".getBytes(UTF_8), 512))
        .hardlink("./d/b", "./d/a")
        .symlink("./d/l", "/etc/passwd")
        .symlink("./link", "/d/a");
  }

  @Test
  void aTarIsAContextHoweverItIsCompressed() throws IOException { // case 144
    var plain = context().tar();
    var first = jbuild(plain, "-o", "type=tar,dest=" + path("o.tar"), "-");
    assertEquals(0, first.code(), first.err());
    assertEquals(
        """
        d 755 0:0
        d/a 640 0:0 alpha
        d/b = d/a
        d/l -> /etc/passwd
        e 755 0:0
        e/link 640 0:0 alpha
        """,
        listing(directory.resolve("o.tar")));
    for (var by : Compression.values()) {
      says(jbuild(compressed(by, plain), "-"), 0, "2 of 2 steps cached");
    }
    Files.write(directory.resolve("c.tar"), plain);
    says(jbuild(path("c.tar")), 0, "2 of 2 steps cached");
    says(jbuild(plain, "-f", "other", "-"), 0, "0 of 1 steps cached");
    says(jbuild("FROM scratch\nCOPY d/a /\n".getBytes(UTF_8), "-f", "-", path("c.tar")), 0, "1 st");
  }

  @Test
  void aStreamWithoutEndEnds() { // case 144
    var before = System.in;
    System.setIn(
        new InputStream() {
          @Override
          public int read() {
            return '\n';
          }

          @Override
          public int read(byte[] into, int offset, int length) {
            Arrays.fill(into, offset, offset + length, (byte) '\n');
            return length;
          }
        });
    try {
      says(jbuild("-"), 3, "larger than 64 MiB");
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void whatIsNoContextIsRefusedInWords() throws IOException { // cases 1, 76, 144
    var text = "FROM scratch\nCOPY x /\n".getBytes(UTF_8);
    says(jbuild(text, "-"), 5, "no file matches \"x\" in the context");
    says(jbuild(text, "-f", "x", "-"), 2, "the context is a Dockerfile itself");
    says(jbuild(text, "-f", "-", "-"), 2, "cannot be both");
    says(jbuild(new byte[0], "-"), 3, "Dockerfile");
    says(
        jbuild(compressed(Compression.GZIP, text), "-"),
        5,
        "standard input cannot be used as a context");
    says(jbuild(file("text", "FROM scratch\n").toString()), 5, "is no archive");
    says(jbuild(path("nothing")), 5, "cannot be opened");
    says(jbuild("ftp://127.0.0.1/x"), 2, "no context that jbuild can fetch");
    var whole = context().tar();
    says(jbuild(Arrays.copyOf(whole, 3000), "-"), 5, "truncated");
    says(jbuild(new TarForge().file("../x", "").tar(), "-"), 5, "climbs out");
    says(jbuild(new TarForge().file("a/.wh.b", "").tar(), "-"), 5, ".wh.");
    says(jbuild(new TarForge().hardlink("a", "b").tar(), "-"), 5, "does not exist");
    var trap = new TarForge().symlink("Dockerfile", "/etc/passwd");
    says(jbuild(trap.tar(), "-"), 3, "there is no Dockerfile in the context");
    says(jbuild(new TarForge().directory("Dockerfile/").tar(), "-"), 3, "not a regular file");
    try (var left = Files.list(directory.resolve("store/tmp"))) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void aWebAddressIsATarOrADockerfile() throws IOException {
    var tar = new TarForge().file("Dockerfile", "FROM scratch\nCOPY a /\n");
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    serve(server, "/c.tgz", compressed(Compression.GZIP, tar.file("a", "alpha").tar()));
    serve(server, "/Dockerfile", "FROM scratch\nLABEL a=b\n".getBytes(UTF_8));
    serve(server, "/ball", new TarForge().file("in", "x").tar());
    serve(server, "/other", "FROM scratch\nCOPY a /other\n".getBytes(UTF_8));
    server.start();
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    try {
      says(jbuild(url + "/c.tgz"), 0, "0 of 1 steps cached");
      says(jbuild(url + "/c.tgz"), 0, "1 of 1 steps cached");
      says(jbuild("--build-context=web=" + url + "/c.tgz", url + "/Dockerfile"), 0, "0 layers");
      says(jbuild("-f", "means/nothing", url + "/Dockerfile"), 0, "0 layers"); // as with docker
      says(jbuild("-f", url + "/other", url + "/Dockerfile"), 2, "a Dockerfile itself");
      file("context/a", "alpha");
      says(jbuild("-f", url + "/other", path("context")), 0, "1 layer");
      file(
          "context/Dockerfile",
          "FROM scratch\nADD %s/ball /a/\nADD --unpack %s/ball?q /b\nADD --chmod=640 %s/ball /c\n"
              .formatted(url, url, url));
      says(jbuild("-o", "type=tar,dest=" + path("o.tar"), path("context")), 0, "3 layers");
      var files = listing(directory.resolve("o.tar"));
      assertTrue(files.startsWith("a 755 0:0\na/ball 600 0:0 "), files);
      assertTrue(files.contains("\nb 755 0:0\nb/in 644 0:0 x\nc 640 0:0 "), files);
      says(jbuild("-f", url + "/gone", path("context")), 5, "404");
    } finally {
      server.stop(0);
    }
  }

  /// Section 10: SOURCE_DATE_EPOCH may name a stage or a context, also in the environment.
  @Test
  void theTimeOfAFileOnAServerDatesTheImage() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var archive = new TarForge();
    archive.block(new TarForge.Block("old").mtime(1_000_000_000)).raw(new byte[0]);
    archive.block(new TarForge.Block("new").mtime(1_100_000_000)).raw(new byte[0]);
    serve(server, "/ball", archive.tar());
    serve(server, "/text", "x".getBytes(UTF_8));
    server.createContext(
        "/dated",
        exchange -> {
          exchange.getResponseHeaders().set("Last-Modified", "Sat, 03 Feb 2001 04:05:06 GMT");
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    server.start();
    var url = "http://127.0.0.1:" + server.getAddress().getPort();
    file(
        "context/Dockerfile",
        """
        FROM scratch AS dated
        ADD %1$s/dated /
        FROM scratch AS ball
        ADD %1$s/ball /
        FROM scratch AS text
        ADD %1$s/text /
        FROM scratch AS gone
        ADD %1$s/gone /
        FROM scratch
        ARG SOURCE_DATE_EPOCH
        LABEL epoch=${SOURCE_DATE_EPOCH-none}
        WORKDIR /d
        """
            .formatted(url));
    var web = "--build-context=web=" + url + "/ball";
    try {
      assertEquals("2001-02-03T04:05:06Z 981173106", dated("dated", web));
      assertEquals("2004-11-09T11:33:20Z 1100000000", dated("ball", web));
      assertEquals("2004-11-09T11:33:20Z 1100000000", dated("web", web));
      assertTrue(dated("text", web).endsWith(" none"));
      assertTrue(dated("context", web).endsWith(" none")); // a directory has no time of its own
      var gone = new Jbuild(directory.resolve("store")).with("SOURCE_DATE_EPOCH", "gone");
      says(gone.run(path("context")), 5, "Dockerfile:8:5: ");
      says(jbuild("--build-arg=SOURCE_DATE_EPOCH=7", "-t", "a:1", path("context")), 0, "a:1");
      assertTrue(jbuild("inspect", "a:1").out().contains("1970-01-01T00:00:07Z"));
    } finally {
      server.stop(0);
    }
  }

  /// When the image was made, and what ARG sees, with SOURCE_DATE_EPOCH in the environment.
  private String dated(String epoch, String... words) {
    var all = new ArrayList<>(List.of(words));
    all.addAll(List.of("-t", "a:1", path("context")));
    var run = new Jbuild(directory.resolve("store")).with("SOURCE_DATE_EPOCH", epoch);
    says(run.run(all.toArray(String[]::new)), 0, "a:1");
    var format = "{{.Created}} {{index .Config.Labels \"epoch\"}}";
    return jbuild("inspect", "--format", format, "a:1").out().strip();
  }

  /// The Dockerfile is wrong as well, which only a build finds out.
  @Test
  void whereNothingCanBeWrittenIsToldBeforeTheBuild() throws IOException {
    file("context/Dockerfile", "FROM scratch\nCOPY missing /\n");
    file("plain", "");
    for (var type : List.of("local", "tar")) {
      var below = "type=" + type + ",dest=" + path("plain/x");
      says(jbuild("-o", below, path("context")), 2, path("plain"));
    }
    says(jbuild("--push", "-t", "127.0.0.1:1/a:1", path("context")), 6, "127.0.0.1:1");
  }

  /// Case 81: secrets for servers go to their server only. Case 82: what a server that does not
  /// know us keeps back is no content, whatever was fetched before.
  @Test
  void addSendsItsSecretToItsServerOnly() throws IOException {
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    var seen = new CopyOnWriteArrayList<String>();
    server.createContext(
        "/f",
        exchange -> {
          var who = exchange.getRequestHeaders().getFirst("Authorization");
          seen.add(String.valueOf(who));
          exchange.getResponseHeaders().set("ETag", "\"1\"");
          exchange.sendResponseHeaders("Bearer t0ken".equals(who) ? 200 : 401, 0);
          exchange.getResponseBody().write("private".getBytes(UTF_8));
          exchange.close();
        });
    server.start();
    var port = server.getAddress().getPort();
    file("context/Dockerfile", "FROM scratch\nADD http://127.0.0.1:" + port + "/f /\n");
    var token = "src=" + file("token", "t0ken\n");
    try {
      var elsewhere = "--secret=id=HTTP_AUTH_TOKEN_127.0.0.2," + token;
      says(jbuild(elsewhere, path("context")), 5, "Dockerfile:2:5");
      says(jbuild("--secret=id=HTTP_AUTH_TOKEN_127.0.0.1," + token, path("context")), 0, "1 lay");
      says(jbuild(path("context")), 5, "the server answers 401");
      var header = "src=" + file("header", "Bearer t0ken");
      var id = "--secret=id=HTTP_AUTH_HEADER_127.0.0.1:" + port + ",";
      says(jbuild(id + header, path("context")), 0, "1 of 1 steps cached");
    } finally {
      server.stop(0);
    }
    assertEquals(List.of("null", "Bearer t0ken", "null", "Bearer t0ken"), seen);
  }

  private static void serve(HttpServer server, String path, byte[] content) {
    server.createContext(
        path,
        exchange -> {
          boolean known = exchange.getRequestURI().getPath().equals(path);
          exchange.sendResponseHeaders(known ? 200 : 404, known ? content.length : -1);
          if (known) {
            exchange.getResponseBody().write(content);
          }
          exchange.close();
        });
  }

  @Test
  void namedContextsStandInForStagesImagesAndSources() throws IOException {
    file("lib/Dockerfile", "FROM scratch\nCOPY a /a\n");
    file("lib/a", "from the layout");
    says(jbuild("-t", "lib:7", "-o", "type=oci,dest=" + path("lib.oci"), path("lib")), 0, "lib:7");
    unpack(directory.resolve("lib.oci"), directory.resolve("layout"));
    assertEquals(0, jbuild("rmi", "lib:7").code());
    file(
        "context/Dockerfile",
        """
        FROM alpine AS unused
        RUN this is replaced
        FROM root AS base
        COPY --from=unused x /x
        COPY --from=extra x /from-extra
        COPY --from=lib /a /from-lib
        COPY --from=ball a /from-ball
        """);
    file("one/x", "one");
    file("one/d/y", "left out");
    file("one/.dockerignore", "d\n");
    file("two/x", "two");
    file("root/r", "root");
    Files.write(directory.resolve("ball.tar"), new TarForge().file("a", "ball").tar());
    var options =
        new String[] {
          "-o",
          "type=tar,dest=" + path("o.tar"),
          "--build-context=unused=" + path("one"),
          "--build-context=root=" + path("root"),
          "--build-context=extra=" + path("one"),
          "--build-context=extra::linux/arm64=" + path("two"),
          "--build-context=lib=oci-layout://" + path("layout") + ":7",
          "--build-context=ball=" + path("ball.tar"),
          "--platform=linux/arm64",
          path("context")
        };
    says(jbuild(options), 0, "0 of 6 steps cached");
    says(jbuild(options), 0, "6 of 6 steps cached");
    assertEquals(
        """
        from-ball 644 0:0 ball
        from-extra 644 0:0 two
        from-lib 644 0:0 from the layout
        r 644 0:0 root
        x 644 0:0 one
        """,
        listing(directory.resolve("o.tar")));
    file("context/Dockerfile", "FROM scratch\nCOPY --from=extra d/y /\n");
    says(
        jbuild("--build-context=extra=" + path("one"), path("context")),
        5,
        ".dockerignore line 1 (d) leaves it out");
    says(jbuild("--build-context=a", path("context")), 2, "NAME=VALUE");
    says(jbuild("--build-context=a=-", path("context")), 2, "standard input");
    says(jbuild("--build-context=a=" + path("none"), path("context")), 5, "none cannot be opened");
    says(
        jbuild("--build-context=a=oci-layout://" + path("layout") + ":8", path("context")),
        5,
        "it has no image 8");
  }

  private static void unpack(Path tar, Path to) throws IOException {
    try (var in = Files.newInputStream(tar)) {
      var reader = new TarReader(in, TarLimits.DEFAULT);
      for (var entry = reader.next(); entry != null; entry = reader.next()) {
        var place = to.resolve(entry.path().toString());
        if (entry.isFile()) {
          Files.createDirectories(place.getParent());
          Files.write(place, reader.content().readAllBytes());
        }
      }
    }
  }

  /// Case 66 (CVE-2024-1753's kind): a link in a stage leads into the stage, never to the host.
  @Test
  void aLinkInAStageStaysInTheStage() throws IOException {
    var tar =
        new TarForge()
            .file(
                "Dockerfile", "FROM scratch AS s\nCOPY d /\nFROM scratch\nCOPY --from=s /r/p /p\n")
            .symlink("d/r", "/")
            .symlink("d/up", "../../../..")
            .file("d/p", "the stage's own")
            .tar();
    says(jbuild(tar, "-o", "type=tar,dest=" + path("o.tar"), "-"), 0, "1 layer");
    assertEquals("p 644 0:0 the stage's own\n", listing(directory.resolve("o.tar")));
    for (var source : new String[] {"/r/etc/passwd", "/up/etc/passwd", "/r/r/up/etc"}) {
      var text = "FROM scratch AS s\nCOPY d /\nFROM scratch\nCOPY --from=s " + source + " /p\n";
      Files.write(directory.resolve("c.tar"), tar);
      says(jbuild(text.getBytes(UTF_8), "-f", "-", path("c.tar")), 5, "no file matches");
    }
  }

  @Test
  void anImageOfTheStoreStandsInUnderAnotherName() throws IOException {
    file("context/Dockerfile", "FROM scratch\nCOPY Dockerfile /first\n");
    says(jbuild("-t", "old:1", path("context")), 0, "old:1");
    file("context/Dockerfile", "FROM new\nCOPY --from=new:latest /first /second\n");
    var given = "--build-context=new=docker-image://old:1";
    says(jbuild(given, path("context")), 0, "2 layers");
    says(jbuild("--build-context=new=docker-image://OLD", path("context")), 2, "OLD");
  }
}
