package dev.jbuild.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.SimpleFileServer;
import dev.jbuild.build.GitSources;
import dev.jbuild.build.Secrets;
import dev.jbuild.build.ServerSecrets;
import dev.jbuild.context.GitReference;
import dev.jbuild.context.SourceTree;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.store.Store;
import dev.jbuild.tar.ArchivePath;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Git repositories as contexts and as sources of ADD.
class GitContextsTest {

  @TempDir Path directory;

  @BeforeEach
  void makeRepository() throws IOException, InterruptedException {
    boolean there = Files.isExecutable(Path.of("/usr/bin/git"));
    assertTrue(there || System.getenv("JBUILD_REQUIRE_TOOLS") == null, "git is missing");
    assumeTrue(there, "git is not installed");
    git(".", "init", "-q", "-b", "main", "repo");
    file("repo/Dockerfile", "FROM scratch\nCOPY . /\n");
    file("repo/d/f", "one");
    file("repo/run", "#!/bin/sh\n").toFile().setExecutable(true);
    Files.createSymbolicLink(directory.resolve("repo/proj"), Path.of("/"));
    file("repo/.gitattributes", "d/f filter=evil\n");
    commit("one");
    git("repo", "tag", "-a", "-m", "t", "v1");
    file("repo/d/f", "two");
    commit("two");
    git("repo", "branch", "other", "v1");
  }

  private Path file(String name, String text) throws IOException {
    var file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private void commit(String message) throws IOException, InterruptedException {
    git("repo", "add", "-A");
    git("repo", "commit", "-q", "-m", message);
  }

  private String git(String where, String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("git", "-c", "protocol.file.allow=always"));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.resolve(where).toFile());
    builder.environment().put("GIT_CONFIG_GLOBAL", "/dev/null");
    for (var who : new String[] {"AUTHOR", "COMMITTER"}) {
      builder.environment().put("GIT_" + who + "_NAME", "n");
      builder.environment().put("GIT_" + who + "_EMAIL", "n@localhost");
      builder.environment().put("GIT_" + who + "_DATE", "2001-02-03T04:05:06Z");
    }
    var process = builder.redirectErrorStream(true).start();
    process.getOutputStream().close();
    var said = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private String address() {
    return "file://" + directory.resolve("repo");
  }

  private Jbuild jbuild(String... words) {
    return new Jbuild(directory.resolve("store")).run(words);
  }

  private static void says(Jbuild run, int code, String text) {
    assertEquals(code, run.code(), run.err());
    assertTrue(run.err().contains(text), run.err());
  }

  private static String listing(SourceTree tree, ArchivePath at) throws IOException {
    var lines = new StringBuilder();
    for (var entry : tree.list(at)) {
      lines.append(entry.path()).append(' ').append(Integer.toOctalString(entry.mode()));
      if (entry.isFile()) {
        try (var in = tree.open(entry)) {
          lines.append(' ').append(new String(in.readAllBytes(), UTF_8).strip());
        }
      }
      lines.append('\n').append(listing(tree, entry.path()));
    }
    return lines.toString();
  }

  private String fetched(String address, Map<String, String> environment)
      throws IOException, InterruptedException {
    try (var store = Store.open(directory.resolve("store"))) {
      var sources = new GitSources(store, environment, ServerSecrets.NONE);
      return listing(sources.fetch(GitReference.parse(address)).tree(), ArchivePath.ROOT);
    }
  }

  @Test
  void aCommitIsFoundByBranchTagAndName() throws Exception {
    var none = Map.<String, String>of();
    assertEquals("f 644 two\n", fetched(address() + "#:d", none));
    assertEquals("f 644 two\n", fetched(address() + "#main:d", none));
    assertEquals("f 644 one\n", fetched(address() + "#v1:d", none));
    assertEquals("f 644 one\n", fetched(address() + "?branch=other&subdir=d", none));
    assertEquals("f 644 one\n", fetched(address() + "?tag=v1&subdir=/d/", none));
    var first = git("repo", "rev-parse", "v1^{commit}");
    assertEquals("f 644 one\n", fetched(address() + "#" + first + ":d", none));
    assertEquals("f 644 one\n", fetched(address() + "#" + first.substring(0, 9) + ":d", none));
    assertEquals("f 644 one\n", fetched(address() + "?commit=" + first + "#v1:d", none));
    assertEquals("f 644 one\n", fetched(address() + "#v1:proj/proj/d", none)); // inside, case 83
    says(jbuild(address() + "#nope"), 5, "has no branch, tag or commit nope");
    says(jbuild(address() + "#v1:nope"), 5, "has no directory nope");
    says(jbuild(address() + "#v1:d/f"), 5, "has no directory d/f");
    says(jbuild(address() + "#v1:.git"), 5, "has no directory .git");
    says(jbuild(address() + "#main:proj/etc"), 5, "has no directory proj/etc"); // case 83
    says(jbuild(address() + "?commit=" + first + "#main"), 5, ", not at " + first);
    says(jbuild(address() + "#--upload-pack=x"), 2, "is no name of a branch");
    says(jbuild("-t", "a:1", "--build-arg=SOURCE_DATE_EPOCH=context", address()), 0, "a:1");
    assertTrue(jbuild("inspect", "a:1").out().contains("2001-02-03T04:05:06Z"));
    file("context/Dockerfile", "FROM scratch\nCOPY --from=r d /d\n");
    var named = "--build-context=r=" + address();
    var epoch = "--build-arg=SOURCE_DATE_EPOCH=r";
    says(jbuild("-t", "a:2", named, epoch, directory.resolve("context").toString()), 0, "a:2");
    assertTrue(jbuild("inspect", "a:2").out().contains("2001-02-03T04:05:06Z"));
    var tar = directory.resolve("o.tar");
    var keep = "--build-arg=BUILDKIT_CONTEXT_KEEP_GIT_DIR=1";
    says(jbuild(keep, "-o", "type=tar,dest=" + tar, address()), 0, "1 layer");
    assertTrue(new String(Files.readAllBytes(tar), UTF_8).contains(".git/HEAD"));
  }

  /// Case 83: neither hooks nor filters of the person's configuration are run, and the modes are
  /// git's own.
  @Test
  void nothingButTheAddressDecidesWhatGitDoes() throws Exception {
    var marker = directory.resolve("marker");
    file("hooks/post-checkout", "#!/bin/sh\ntouch " + marker + "\n").toFile().setExecutable(true);
    file(
        "home/.gitconfig",
        "[core]\nhooksPath = %s\n[filter \"evil\"]\nsmudge = touch %s; cat\n"
            .formatted(directory.resolve("hooks"), marker));
    var environment =
        Map.of(
            "HOME", directory.resolve("home").toString(),
            "GIT_CONFIG_GLOBAL", directory.resolve("home/.gitconfig").toString(),
            "GIT_DIR", "/nowhere");
    assertEquals(
        """
        .gitattributes 644 d/f filter=evil
        Dockerfile 644 FROM scratch
        COPY . /
        d 755
        d/f 644 two
        proj 777
        run 755 #!/bin/sh
        """,
        fetched(address(), environment));
    assertFalse(Files.exists(marker));
    var kept = fetched(address() + "?keep-git-dir=true", environment);
    assertTrue(kept.contains(".git/HEAD 644"), kept);
    assertFalse(kept.contains(".git/logs"), kept);
  }

  private void clone(String name) throws IOException, InterruptedException {
    git(".", "clone", "-q", "--bare", "repo", "served/" + name + ".git");
  }

  private void dockerfile(String text) throws IOException {
    file("context/Dockerfile", text);
  }

  @Test
  void addBringsTheFilesOfARepositoryOnceForEachCommit() throws Exception {
    clone("r");
    try (var server = new GitServer(directory.resolve("served"))) {
      var url = server.url() + "r.git";
      var head = git("repo", "rev-parse", "HEAD");
      dockerfile("FROM scratch\nADD --checksum=%s %s /x\n".formatted(head.substring(0, 8), url));
      var context = directory.resolve("context").toString();
      var tar = directory.resolve("o.tar");
      says(jbuild("-o", "type=tar,dest=" + tar, context), 0, "0 of 1 steps cached");
      int fetches = server.fetches();
      assertTrue(fetches > 0);
      says(jbuild(context), 0, "1 of 1 steps cached");
      assertEquals(fetches, server.fetches()); // asked, not fetched
      file("repo/d/f", "three");
      commit("three");
      git("repo", "push", "-q", "../served/r.git", "main");
      says(jbuild(context), 5, "Dockerfile:2:");
      says(jbuild(context), 5, "not at " + head.substring(0, 8));
      dockerfile("FROM scratch\nADD --keep-git-dir %s#main:d /x\nADD %s /y/\n".formatted(url, url));
      says(jbuild(context), 0, "0 of 2 steps cached");
      dockerfile("FROM scratch\nADD %s?what=x /x\n".formatted(url));
      says(jbuild(context), 3, "Dockerfile:2:5: ADD: the git repository cannot be used");
      dockerfile("FROM scratch\nADD %s /x\n".formatted(address()));
      says(jbuild(context), 5, "no file matches"); // no path of this machine is a repository
    }
  }

  @Test
  void submodulesComeAlongUnlessTheyAreFilesOfThisMachine() throws Exception { // case 83
    clone("sub");
    try (var server = new GitServer(directory.resolve("served"))) {
      git("repo", "submodule", "--quiet", "add", server.url() + "sub.git", "sub");
      commit("with a submodule");
      clone("r");
      var url = server.url() + "r.git";
      var all = fetched(url, Map.of());
      assertTrue(all.contains("sub/d/f 644 two\n"), all);
      assertFalse(all.contains(".git "), all);
      assertFalse(fetched(url + "?submodules=false", Map.of()).contains("sub/d"));
      git("repo", "submodule", "--quiet", "add", address(), "evil");
      commit("with a path as a submodule");
      says(jbuild(address()), 5, "transport 'file' not allowed");
      git("repo", "push", "-q", "../served/r.git", "main");
      says(jbuild(url), 5, "transport 'file' not allowed");
    }
  }

  /// An old server gives no commit by its name: what was fetched first is in the way of the rest.
  @Test
  void anOlderCommitOfASubmoduleComesFromAServerOfTheOldProtocol() throws Exception {
    clone("sub");
    git("served/sub.git", "branch", "-q", "-D", "other");
    git("served/sub.git", "tag", "-d", "v1");
    try (var server = new GitServer(directory.resolve("served"))) {
      server.speakOldProtocol();
      git("repo", "submodule", "--quiet", "add", server.url() + "sub.git", "sub");
      git("repo/sub", "checkout", "-q", "HEAD~1");
      commit("with an older commit of a submodule");
      clone("r");
      var all = fetched(server.url() + "r.git", Map.of());
      assertTrue(all.contains("sub/d/f 644 one\n"), all);
    }
  }

  /// A server that knows nothing of git cannot give one commit alone.
  @Test
  void submodulesComeAlongFromAServerOfFiles() throws Exception {
    clone("sub");
    var anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    var files =
        SimpleFileServer.createFileServer(
            anywhere, directory.resolve("served"), SimpleFileServer.OutputLevel.NONE);
    files.start();
    try {
      git("served/sub.git", "update-server-info");
      var url = "http://127.0.0.1:" + files.getAddress().getPort() + "/";
      git("repo", "submodule", "--quiet", "add", url + "sub.git", "sub");
      commit("with a submodule");
      clone("r");
      git("served/r.git", "update-server-info");
      var all = fetched(url + "r.git", Map.of());
      assertTrue(all.contains("sub/d/f 644 two\n"), all);
    } finally {
      files.stop(0);
    }
  }

  @Test
  void passwordsAndTokensGoToTheServerAndNowhereElse() throws Exception { // case 81
    clone("private");
    try (var server = new GitServer(directory.resolve("served"))) {
      var url = server.url() + "private.git";
      says(jbuild(url), 5, "cannot be fetched");
      var token = file("token", "s3cr3t-token\n");
      var context = directory.resolve("context").toString();
      dockerfile("FROM scratch\nADD %s /\n".formatted(url));
      var secret = "--secret=id=GIT_AUTH_TOKEN." + server.host() + ",src=" + token;
      assertEquals(0, jbuild(secret, context).code());
      assertTrue(server.authorizations().contains(basic("x-access-token:s3cr3t-token")));

      var withUser = url.replace("//", "//u:s3cr3t-password@");
      dockerfile("FROM scratch\nADD %s /\nADD %s#nope /\n".formatted(withUser, withUser));
      var run = jbuild("--no-cache", context);
      says(run, 5, "has no branch, tag or commit nope");
      assertTrue(server.authorizations().contains(basic("u:s3cr3t-password")));
      assertFalse(run.err().contains("s3cr3t"), run.err());
      dockerfile("FROM scratch\nADD %s /\n".formatted(withUser));
      says(jbuild("-t", "a:1", context), 0, "ADD http://***@127.0.0.1");
      assertFalse(jbuild("history", "--no-trunc", "a:1").out().contains("s3cr3t"));
    }
    try (var files = Files.walk(directory.resolve("store"))) {
      for (var file : files.filter(Files::isRegularFile).toList()) {
        assertFalse(
            new String(Files.readAllBytes(file), UTF_8).contains("s3cr3t"), () -> "" + file);
      }
    }
  }

  @Test
  void passwordsFollowNoRedirect() throws Exception { // case 49
    clone("r");
    var context = directory.resolve("context").toString();
    try (var other = new GitServer(directory.resolve("served"));
        var server = new GitServer(directory.resolve("served"), other.url())) {
      var url = server.url() + "r.git";
      dockerfile("FROM scratch\nADD %s /\n".formatted(url));
      assertEquals(0, jbuild(context).code(), "without a password it is followed");
      var token = file("token", "s3cr3t-token\n");
      var secret = "--secret=id=GIT_AUTH_TOKEN." + server.host() + ",src=" + token;
      says(jbuild("--no-cache", secret, context), 5, "passwords follow no redirect");
      dockerfile("FROM scratch\nADD %s /\n".formatted(url.replace("//", "//u:s3cr3t@")));
      says(jbuild("--no-cache", context), 5, "passwords follow no redirect");
      assertTrue(server.authorizations().contains(basic("u:s3cr3t")));
      assertEquals(Set.of(""), Set.copyOf(other.authorizations()));
    }
  }

  @Test
  void secretsAreNotSentOverHttp() throws Exception { // case 50
    clone("r");
    try (var proxy = new GitServer(directory.resolve("served"));
        var store = Store.open(directory.resolve("store"))) {
      var secrets =
          Map.of(
              "GIT_AUTH_TOKEN", "t1".getBytes(UTF_8),
              "GIT_AUTH_HEADER.git.invalid", "Bearer t2".getBytes(UTF_8));
      var sources =
          new GitSources(
              store,
              Map.of("http_proxy", proxy.url(), "PATH", "/usr/bin:/bin"),
              new ServerSecrets(new Secrets(secrets)));
      var lost = GitReference.parse("http://git.invalid/private/r.git");
      var failure = assertThrows(BuildFailure.class, () -> sources.fetch(lost));
      assertTrue(failure.hint().orElse("").contains("not sent over http"), failure.toString());
      sources.fetch(GitReference.parse("http://git.invalid/r.git"));
      assertEquals(Set.of(""), Set.copyOf(proxy.authorizations()));
    }
  }

  private static String basic(String user) {
    return "Basic " + Base64.getEncoder().encodeToString(user.getBytes(UTF_8));
  }
}
