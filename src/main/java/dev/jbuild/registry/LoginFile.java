package dev.jbuild.registry;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLockInterruptionException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The file into which a login is written, and out of which a logout takes it: docker's
/// config.json, or the one that was named. What else it holds stays as it is; the file is 0600,
/// stays its owner's, also if root logs in for somebody, and is replaced in one step. Changes by
/// several processes come one after the other: none loses what another wrote.
final class LoginFile {

  private static final String AUTHS = "auths";
  private static final int LONGEST = 4 << 20;
  private static final String UID = "unix:uid";
  private static final String GID = "unix:gid";

  private static final FileAttribute<Set<PosixFilePermission>> OWNERS_ALONE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

  private final Path file;
  private final Map<String, String> environment;

  private LoginFile(Path file, Map<String, String> environment) {
    this.file = file;
    this.environment = environment;
  }

  static LoginFile of(Map<String, String> environment, Access access) {
    var home = new Home(environment);
    var file =
        access
            .authfile()
            .or(() -> home.absolute("REGISTRY_AUTH_FILE"))
            .or(home::dockerConfig)
            .orElseThrow(
                () ->
                    Failures.of("there is no place for the login: HOME is not set")
                        .hint("set HOME, or name a file with --authfile"));
    return new LoginFile(file, environment);
  }

  Path path() {
    return file;
  }

  /// Keeps a password: in the helper that the file names, else in the file.
  ///
  /// @return the helper that has it
  Optional<String> put(String host, Credential.Password password) throws InterruptedException {
    return alone(() -> keep(host, password));
  }

  private Optional<String> keep(String host, Credential.Password password)
      throws InterruptedException {
    var json = read();
    var helper = helper(json, host);
    var auths = auths(json);
    auths.keySet().removeIf(key -> isOf(key, host));
    var entry = new LinkedHashMap<String, Object>();
    if (helper.isPresent()) {
      new Keychain(helper.get(), file.toString(), environment)
          .store(Credentials.server(host), password);
    } else {
      var both = password.user() + ":" + password.password();
      entry.put("auth", Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.UTF_8)));
    }
    auths.put(Credentials.server(host), entry);
    json.put(AUTHS, auths);
    write(json);
    return helper;
  }

  /// Takes a login away.
  ///
  /// @return whether there was one
  boolean remove(String host) throws InterruptedException {
    return Files.exists(file) && alone(() -> forget(host));
  }

  private boolean forget(String host) throws InterruptedException {
    var json = read();
    var helper = helper(json, host);
    boolean had =
        helper.isPresent()
            && new Keychain(helper.get(), file.toString(), environment)
                .erase(Credentials.server(host));
    var auths = auths(json);
    if (auths.keySet().removeIf(key -> isOf(key, host))) {
      had = true;
      json.put(AUTHS, auths);
      write(json);
    }
    return had;
  }

  private static boolean isOf(String key, String host) {
    var name = CredentialFile.normal(key);
    return name.equals(host) || name.equals(CredentialFile.normal(Credentials.server(host)));
  }

  private static Map<String, Object> auths(Map<String, Object> json) {
    var auths = new LinkedHashMap<String, Object>();
    if (json.get(AUTHS) instanceof Map<?, ?> known) {
      known.forEach((key, value) -> auths.put(String.valueOf(key), value));
    }
    return auths;
  }

  private Optional<String> helper(Map<String, Object> json, String host) {
    try {
      return CredentialFile.parse(Json.write(json), file.toString())
          .helper(Credentials.keys(host, ""));
    } catch (ImageFormatException e) {
      throw Failures.file(file, String.valueOf(e.getMessage()));
    }
  }

  private Map<String, Object> read() {
    try {
      var bytes = Files.readAllBytes(file);
      return bytes.length == 0
          ? new LinkedHashMap<>()
          : new LinkedHashMap<>(JsonObject.parse(bytes, "it", LONGEST).members());
    } catch (NoSuchFileException e) {
      return new LinkedHashMap<>();
    } catch (ImageFormatException e) {
      throw Failures.file(file, String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be read");
    }
  }

  /// A change of the file.
  private interface Change<T> {
    T make() throws InterruptedException;
  }

  /// Makes a change while no other jbuild makes one. The file that is locked stays: whoever waits
  /// for it has it open.
  private <T> T alone(Change<T> change) throws InterruptedException {
    var directory = place().resolveSibling(".");
    var lock = place().resolveSibling(place().getFileName() + ".lock");
    try {
      makeDirectories(directory.normalize());
      boolean fresh = !Files.exists(lock);
      try (var channel = FileChannel.open(lock, Set.of(CREATE, WRITE), OWNERS_ALONE);
          var _ = channel.lock()) {
        if (fresh) {
          hand(lock, directory);
        }
        return change.make();
      }
    } catch (FileLockInterruptionException | ClosedByInterruptException e) {
      throw new InterruptedException();
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be written");
    }
  }

  /// Where the bytes lie: a link stays one.
  private Path place() {
    try {
      return Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be read");
    }
  }

  private void write(Map<String, Object> json) {
    try {
      var target = place();
      var directory = target.resolveSibling(".").normalize();
      var fresh = Files.createTempFile(directory, ".config", ".json", OWNERS_ALONE);
      try {
        Files.write(fresh, Json.write(json));
        if (Files.exists(target)) {
          give(fresh, target); // root may log in for somebody, whose file has to stay that person's
        } else {
          hand(fresh, directory);
        }
        Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(fresh);
      }
    } catch (IOException e) {
      throw Failures.file(file, "it cannot be written");
    }
  }

  private void makeDirectories(Path directory) throws IOException {
    var parent = directory.getParent();
    if (parent == null || Files.isDirectory(directory)) {
      return;
    }
    makeDirectories(parent);
    Files.createDirectory(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    hand(directory, parent);
  }

  /// What is made in the directory of whoever called sudo is that person's.
  private void hand(Path made, Path directory) throws IOException {
    var caller = environment.getOrDefault("SUDO_UID", "");
    if (caller.equals(String.valueOf(Files.getAttribute(directory, UID)))) {
      give(made, directory);
    }
  }

  /// Only root gives files away.
  private static void give(Path made, Path like) throws IOException {
    if (Files.getAttribute(made, UID).equals(0)) {
      Files.setAttribute(made, UID, Files.getAttribute(like, UID));
      Files.setAttribute(made, GID, Files.getAttribute(like, GID));
    }
  }
}
