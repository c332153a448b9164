package dev.jbuild.registry;

import static dev.jbuild.registry.ScriptedRegistry.answer;
import static dev.jbuild.registry.ScriptedRegistry.bytes;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Manifest;
import dev.jbuild.image.Reference;
import dev.jbuild.tar.Compression;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who we are to a registry, where that is kept, and to whom it is never told.
class AuthTest extends RegistryDesk {

  private static final String SECRET = "hunter2";
  private static final String BASIC = "Basic bWU6aHVudGVyMg==";

  private Manifest image;

  @BeforeEach
  void put() throws IOException {
    image = registry.image("team/app", "1", bytes("layer"));
  }

  private void basic() {
    registry.always("GET", "/v2/", guarded("Basic realm=\"x\"", BASIC));
  }

  /// The usual answer to whoever has `key`, else 401.
  private ScriptedRegistry.Answer guarded(String challenge, String key) {
    return exchange -> {
      if (key.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
        registry.usual(exchange);
      } else {
        answer(401, "{\"errors\":[]}", "WWW-Authenticate", challenge).to(exchange);
      }
    };
  }

  private void bearer(String realm) {
    var challenge = "Bearer realm=\"" + realm + "\",service=\"reg\"";
    registry.always("GET", "/v2/", guarded(challenge, "Bearer t1"));
  }

  private void config(String json) throws IOException {
    var file = directory.resolve("home/.docker/config.json");
    Files.createDirectories(file.getParent());
    Files.writeString(file, json);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void passwordOfDockersFileIsUsed() throws Exception {
    basic();
    config("{\"auths\":{\"" + registry.host() + "\":{\"auth\":\"bWU6aHVudGVyMg==\"}}}");
    bench.pull(name());
    assertEquals("none", registry.authorizations.getFirst()); // the first question is without
    assertEquals(List.of(), bench.warnings);
  }

  @Test
  void longestKeyOfTheFirstFileIsTaken() throws Exception {
    basic();
    var host = registry.host();
    config("{\"auths\":{\"" + host + "\":{\"auth\":\"bWU6d3Jvbmc=\"}}}");
    var auth = directory.resolve("run/containers/auth.json");
    Files.createDirectories(auth.getParent());
    Files.writeString(
        auth,
        "{\"auths\":{\"%s\":{\"auth\":\"bWU6d3Jvbmc=\"},\"%s/team\":{\"auth\":\"bWU6aHVudGVyMg==\"}}}"
            .formatted(host, host));
    bench.pull(name());
    assertEquals(1, bench.warnings.size()); // everybody may read that file
    Files.delete(auth);
    bench.store.references().untag(name());
    var failure = bench.failure(name());
    assertTrue(failure.message().contains("refuses access to team/app for this login"));
    assertFalse(failure.message().contains("wrong"));
  }

  @Test
  void registryThatWantsAPasswordSaysSo() throws Exception {
    basic();
    var failure = bench.failure(name());
    assertTrue(failure.message().endsWith("wants a user and a password"), failure.message());
    assertTrue(failure.hint().orElse("").contains("jbuild login " + registry.host()));
  }

  @Test
  void brokenFilesAndHelpersAreNamedAndNothingIsShown() throws Exception { // case 55
    basic();
    var host = registry.host();
    config("{\"auths\":{\"" + host + "\":{\"auth\":\"!!!" + SECRET + "\"}}}");
    var said = bench.failing(name());
    assertTrue(said.contains("config.json cannot be used"), said);
    assertFalse(said.contains(SECRET));
    config("{" + SECRET);
    said = bench.failing(name());
    assertTrue(said.contains("config.json cannot be used"), said);
    assertFalse(said.contains(SECRET), said);
    var bin = Files.createDirectories(directory.resolve("bin"));
    bench.environment.put("PATH", bin + ":/usr/bin:/bin");
    config("{\"credHelpers\":{\"" + host + "\":\"test\"}}");
    assertTrue(bench.failing(name()).endsWith("docker-credential-test cannot be started"));
    helper(bin, "cat >/dev/null; echo " + SECRET + "; echo " + SECRET + " >&2");
    said = bench.failing(name());
    assertTrue(said.contains("docker-credential-test does not answer as"), said);
    assertFalse(said.contains(SECRET));
    helper(bin, "echo 'credentials not found in native keychain'; exit 1");
    assertTrue(bench.failing(name()).contains("wants a user"));
    config("{\"credsStore\":\"../x\"}");
    assertTrue(bench.failing(name()).contains("is not the name of a credential helper"));
    config("{\"credsStore\":\"test\"}");
    helper(
        bin,
        "read server; [ $1 = get ] && [ $server = "
            + host
            + " ] && echo '{\"Username\":\"me\",\"Secret\":\"hunter2\"}'");
    bench.pull(name());
  }

  @Test
  void helperThatHangsIsEnded() throws Exception { // case 55
    var bin = Files.createDirectories(directory.resolve("bin"));
    helper(bin, "exec tail -f \"$0\"");
    var environment = Map.of("PATH", bin + ":/usr/bin:/bin");
    var keychain = new Keychain("test", "config.json", environment, Duration.ofMillis(300));
    var failure = assertThrows(BuildFailure.class, () -> keychain.get("reg.example"));
    assertTrue(failure.message().contains("docker-credential-test gives no answer within"));
    var left =
        ProcessHandle.current()
            .children()
            .filter(each -> each.info().commandLine().orElse("").contains(bin.toString()))
            .toList();
    try {
      for (var process : left) { // which may be about to end
        process.onExit().get(1, TimeUnit.MINUTES);
      }
    } finally {
      left.forEach(ProcessHandle::destroyForcibly);
    }
  }

  private static void helper(Path bin, String script) throws IOException {
    var file = bin.resolve("docker-credential-test");
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void tokenIsFetchedOnceForJustWhatIsNeeded() throws Exception { // case 54
    bearer("http://" + registry.host() + "/token?x=1");
    registry.always("GET", "/token", answer(200, "{\"token\":\"t1\",\"expires_in\":300}"));
    bench.with(RegistryBench.login("me", SECRET)).pull(name());
    var tokens = registry.requests.stream().filter(each -> each.contains("/token")).toList();
    assertEquals(
        List.of("GET /token?x=1&service=reg&scope=repository%3Ateam%2Fapp%3Apull&account=me"),
        tokens);
    assertEquals(1, registry.authorizations.stream().filter(BASIC::equals).count());
  }

  @Test
  void expiredTokenIsFetchedAnewAndEndlessRefusalEnds() throws Exception { // case 54
    bearer("http://" + registry.host() + "/token");
    var given = new AtomicInteger();
    registry.always(
        "GET",
        "/token",
        exchange ->
            answer(200, "{\"access_token\":\"t" + given.getAndIncrement() + "\"}").to(exchange));
    bench.pull(name());
    assertEquals(2, given.get());
    given.set(5);
    bench.store.references().untag(name());
    var said = bench.failing(name());
    assertEquals(7, given.get());
    assertTrue(said.contains("refuses access to team/app without a login"), said);
  }

  /// No more than pushing is asked for, and reading where a blob is mounted from. A token that is
  /// not taken any more in the middle of an upload is fetched anew, and the upload goes on.
  @Test
  void tokenOfAPushIsForPushing() throws Exception { // case 54
    bench.pull(name());
    bearer("http://" + registry.host() + "/token");
    registry.always("GET", "/token", answer(200, "{\"token\":\"t1\"}"));
    registry.always("HEAD", "/team/other/blobs/", answer(404, ""));
    registry.next("PUT", "/team/other/blobs/uploads/", answer(401, "{}"));
    try (var registries = bench.registries();
        var pusher =
            new Pusher(
                bench.store, registries, Compression.NONE, OptionalInt.empty(), 1, _ -> {})) {
      pusher.push(image.descriptor(), Reference.parse(registry.host() + "/team/other:1"));
    }
    assertTrue(registry.manifests.containsKey("team/other/manifests/1"));
    var push = "scope=repository%3Ateam%2Fother%3Apull%2Cpush";
    var mount = push + "&scope=repository%3Ateam%2Fapp%3Apull";
    assertEquals(
        List.of(push, push, mount),
        registry.requests.stream()
            .filter(each -> each.contains("/token"))
            .map(each -> each.replaceFirst(".*service=reg&", ""))
            .sorted()
            .toList());
  }

  @Test
  void identityTokenIsExchanged() throws Exception {
    bearer("http://" + registry.host() + "/token");
    var form = new ArrayList<String>();
    registry.always(
        "POST",
        "/token",
        exchange -> {
          form.add(
              new String(
                  exchange.getRequestBody().readAllBytes(),
                  java.nio.charset.StandardCharsets.UTF_8));
          answer(200, "{\"access_token\":\"t1\"}").to(exchange);
        });
    config("{\"auths\":{\"" + registry.host() + "\":{\"identitytoken\":\"ident\"}}}");
    bench.pull(name());
    assertEquals(
        "service=reg&client_id=jbuild&grant_type=refresh_token&refresh_token=ident"
            + "&scope=repository%3Ateam%2Fapp%3Apull",
        form.getFirst());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "file:///etc/passwd", "http://", "ftp://h/x", "http://[", "nohost"})
  void realmThatIsNoAddressIsRefused(String realm) throws Exception { // case 51, 53
    bearer(realm);
    var said = bench.with(RegistryBench.login("me", SECRET)).failing(name());
    assertTrue(said.contains("which is refused"), said);
  }

  @Test
  void mirrorsNeverSeeTheCredentialsOfTheCommandLine() throws Exception { // case 49
    basic();
    try (var mirror = new ScriptedRegistry()) {
      mirror.always("GET", "/v2/", answer(401, "{}", "WWW-Authenticate", "Basic realm=\"mirror\""));
      var conf = directory.resolve("registries.conf");
      Files.writeString(
          conf,
          """
          [[registry]]
          prefix = "%s"
          [[registry.mirror]]
          location = "%s/team"
          """
              .formatted(registry.host() + "/team", mirror.host()));
      bench.environment.put("CONTAINERS_REGISTRIES_CONF", conf.toString());
      bench.with(RegistryBench.login("me", SECRET));
      bench.pull(name());
      assertFalse(mirror.requests.isEmpty());
      assertEquals(List.of(), mirror.authorizations.stream().filter(s -> s.length() > 4).toList());
    }
  }

  /// Asks for an image of a registry that is reached through `proxy`, and so not on this machine.
  private String failing(PlainTunnel proxy) throws Exception {
    bench.environment.put("http_proxy", "http://" + proxy.host());
    bench.environment.put("https_proxy", "http://" + proxy.host());
    bench.with(
        new Access(
            Optional.empty(),
            List.of("reg.invalid:80"),
            Optional.of(Credential.parse("me:" + SECRET)),
            Map.of(),
            Optional.empty()));
    return bench.failing("reg.invalid:80/team/app:1");
  }

  @Test
  void realmThatOnlyThisMachineReachesIsRefused() throws Exception { // case 51
    for (var realm :
        List.of(
            "http://169.254.169.254/", "http://localhost/", "http://10.1.2.3/t", "http://[::1]/")) {
      var challenge = "WWW-Authenticate: Bearer realm=\"" + realm + "\"\r\n";
      try (var proxy = new PlainTunnel(challenge)) {
        var said = failing(proxy);
        assertTrue(said.contains("which is refused"), said);
      }
    }
  }

  /// The token server is reached through a proxy too; the address that it names would not be.
  @Test
  void tokenServerThatLeadsIntoThisNetworkIsRefused() throws Exception { // case 51
    var challenge = "WWW-Authenticate: Bearer realm=\"http://reg.invalid:80/token\"\r\n";
    for (var to : List.of("http://10.1.2.3/t", "http://[fd00::1]/", "http://169.254.169.254/")) {
      try (var proxy = new PlainTunnel(challenge + "Location: " + to + "\r\n")) {
        var said = failing(proxy);
        assertTrue(said.contains("redirects to"), said);
        assertTrue(proxy.requests.stream().noneMatch(each -> each.contains(to)), said);
      }
    }
  }

  @Test
  void endlessTokenIsCutOff() throws Exception { // case 44
    bearer("http://" + registry.host() + "/token");
    registry.always(
        "GET",
        "/token",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try {
            while (true) {
              exchange.getResponseBody().write(new byte[1000]);
            }
          } catch (IOException e) {
            assertFalse(String.valueOf(e.getMessage()).isEmpty()); // the client left
          }
        });
    assertTrue(bench.failing(name()).contains("gives no token"));
  }

  @Test
  void otherHostsNeverSeeWhoWeAre() throws Exception { // case 49
    try (var other = new ScriptedRegistry()) {
      basic();
      var digest = image.layers().getFirst().digest();
      other.blobs.put(digest.toString(), bytes("layer"));
      var target = "http://" + other.host() + "/blobs/" + digest;
      registry.next("GET", "/blobs/" + digest, answer(307, "", "Location", target));
      bench.with(RegistryBench.login("me", SECRET)).pull(name());
      assertEquals(List.of("none"), other.authorizations);
      var second = registry.image("team/app", "2", bytes("second"));
      var path = "/blobs/" + second.layers().getFirst().digest();
      registry.always("GET", path, answer(302, "", "Location", "http://" + other.host() + "/no"));
      other.always("GET", "/no", answer(401, "", "WWW-Authenticate", "Basic realm=\"x\""));
      var failure =
          assertThrows(BuildFailure.class, () -> bench.pull(registry.host() + "/team/app:2"));
      assertFalse(other.authorizations.contains(BASIC), failure.message());
    }
  }

  @Test
  void redirectsEnd() throws Exception { // case 48
    registry.always("GET", "/manifests/", answer(307, "", "Location", "/v2/team/app/manifests/1"));
    assertTrue(
        bench
            .failing(name())
            .endsWith("redirects more than 10 times, at last from " + registry.host()));
  }

  @Test
  void loginIsKeptOnlyIfTheRegistryTakesIt() throws Exception {
    basic();
    var host = registry.host();
    config("{\"auths\":{\"other\":{\"auth\":\"x\"}},\"psFormat\":\"y\"}");
    var logins = new Logins(bench.environment, Access.USUAL, bench.warnings::add);
    var refused = assertThrows(BuildFailure.class, () -> logins.login(host, "me", "wrong"));
    assertTrue(refused.message().startsWith(host + " does not accept the user or the password"));
    var file = directory.resolve("home/.docker/config.json");
    assertFalse(Files.readString(file).contains(host));
    assertEquals(file, logins.login(host, "me", SECRET).file());
    assertEquals(
        "{\"auths\":{\"other\":{\"auth\":\"x\"},\"%s\":{\"auth\":\"bWU6aHVudGVyMg==\"}},\"psFormat\":\"y\"}"
            .formatted(host),
        Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    bench.pull(name());
    assertTrue(logins.logout(host));
    assertFalse(logins.logout(host));
    assertFalse(Files.readString(file).contains(host));
  }

  @Test
  void credentialsOfOneRegistryAreNotShownToAnother() throws Exception { // case 49
    basic();
    try (var other = new ScriptedRegistry()) {
      other.image("team/app", "1", bytes("layer"));
      other.always("GET", "/v2/", answer(401, "{}", "WWW-Authenticate", "Basic realm=\"other\""));
      var login = new Credential.Password("me", SECRET);
      bench.with(Access.USUAL.with(Optional.empty(), Map.of(registry.host(), login)));
      bench.pull(name());
      bench.store.references().untag(name());
      assertTrue(bench.failing(other.host() + "/team/app:1").contains("wants a user"));
      assertEquals(Set.of("none"), Set.copyOf(other.authorizations));
      // and those of a repository not to the next
      var key = registry.host() + "/team/app";
      bench.with(Access.USUAL.with(Optional.empty(), Map.of(key, login))).pull(name());
      bench.store.references().untag(name());
      registry.image("team/app2", "1", bytes("layer"));
      assertTrue(bench.failing(registry.host() + "/team/app2:1").contains("wants a user"));
    }
  }

  @Test
  void loginByRootLeavesTheFileToItsOwner() throws Exception {
    assumeTrue(Files.getAttribute(directory, "unix:uid").equals(0), "not run by root");
    config("{\"auths\":{}}");
    var file = directory.resolve("home/.docker/config.json");
    Files.setAttribute(file, "unix:uid", 1234);
    Files.setAttribute(file, "unix:gid", 1235);
    var logins = new Logins(bench.environment, Access.USUAL, bench.warnings::add);
    logins.login(registry.host(), "me", SECRET);
    assertEquals(1234, Files.getAttribute(file, "unix:uid"));
    assertEquals(1235, Files.getAttribute(file, "unix:gid"));

    // by sudo, the first time: what is made in the caller's home is the caller's
    var home = Files.createDirectory(directory.resolve("other"));
    Files.setAttribute(home, "unix:uid", 1234);
    bench.environment.put("HOME", home.toString());
    logins.login(registry.host(), "me", SECRET);
    assertEquals(0, Files.getAttribute(home.resolve(".docker"), "unix:uid"));
    Files.move(home.resolve(".docker"), home.resolve("old"));
    bench.environment.put("SUDO_UID", "1234");
    logins.login(registry.host(), "me", SECRET);
    for (var made : List.of(".docker", ".docker/config.json", ".docker/config.json.lock")) {
      assertEquals(1234, Files.getAttribute(home.resolve(made), "unix:uid"), made);
    }
  }
}
