package dev.jbuild.registry;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A program `docker-credential-NAME` that keeps passwords (docker's credential helper protocol).
/// What it prints is never shown, whatever happens.
final class Keychain {

  private static final Duration USUAL_PATIENCE = Duration.ofSeconds(10);
  private static final int LONGEST_ANSWER = 1 << 20;
  private static final String NOT_FOUND = "credentials not found";

  private final String program;
  private final String named;
  private final Map<String, String> environment;
  private final Duration patience;

  /// @param name that stands in credsStore or credHelpers
  /// @param file where it stands, for a person
  Keychain(String name, String file, Map<String, String> environment) {
    this(name, file, environment, USUAL_PATIENCE);
  }

  /// @param patience how long the helper may take
  Keychain(String name, String file, Map<String, String> environment, Duration patience) {
    if (!name.matches("[A-Za-z0-9._-]+")) {
      throw Failures.of("\"" + Printable.of(name) + "\" is not the name of a credential helper");
    }
    this.program = "docker-credential-" + name;
    this.named = Printable.of(file);
    this.environment = environment;
    this.patience = patience;
  }

  /// What the helper has for a server; empty if it has nothing.
  Optional<Credential> get(String server) throws InterruptedException {
    var answer = run("get", server.getBytes(StandardCharsets.UTF_8));
    if (answer.exitCode != 0) {
      var text = new String(answer.output, StandardCharsets.UTF_8);
      if (text.contains(NOT_FOUND)) {
        return Optional.empty();
      }
      throw failure("failed with exit code " + answer.exitCode);
    }
    try {
      var json = JsonObject.parse(answer.output, "answer");
      var user = json.string("Username").orElse("");
      var secret = json.string("Secret").orElse("");
      if (secret.isEmpty()) {
        return Optional.empty();
      }
      return Optional.of(
          user.equals("<token>")
              ? new Credential.IdentityToken(secret)
              : new Credential.Password(user, secret));
    } catch (ImageFormatException e) {
      throw failure("does not answer as a credential helper should");
    }
  }

  void store(String server, Credential.Password password) throws InterruptedException {
    var json = new LinkedHashMap<String, Object>();
    json.put("ServerURL", server);
    json.put("Username", password.user());
    json.put("Secret", password.password());
    var answer = run("store", Json.write(json));
    if (answer.exitCode != 0) {
      throw failure("could not store the password: exit code " + answer.exitCode);
    }
  }

  /// @return whether it had something
  boolean erase(String server) throws InterruptedException {
    return run("erase", server.getBytes(StandardCharsets.UTF_8)).exitCode == 0;
  }

  private record Answer(int exitCode, byte[] output) {}

  private Answer run(String verb, byte[] input) throws InterruptedException {
    Process process;
    try {
      var builder = new ProcessBuilder(command(verb));
      builder.redirectError(ProcessBuilder.Redirect.DISCARD);
      builder.environment().clear();
      builder.environment().putAll(environment);
      process = builder.start();
    } catch (IOException e) {
      throw failure("cannot be started").hint("install it, or remove its name from " + named);
    }
    try (var out = process.getInputStream()) {
      send(process, input);
      var output = CompletableFuture.supplyAsync(() -> bounded(out));
      var bytes = output.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
        throw failure("does not end");
      }
      return new Answer(process.exitValue(), bytes);
    } catch (TimeoutException e) {
      throw failure("gives no answer within " + patience.toSeconds() + " s");
    } catch (IOException | ExecutionException e) {
      throw failure("ends before it has answered");
    } finally {
      process.destroyForcibly();
    }
  }

  /// A helper may answer before it has read everything, or anything.
  private static void send(Process process, byte[] input) {
    try (var in = process.getOutputStream()) {
      in.write(input);
    } catch (IOException e) {
      return; // it is gone: its answer counts
    }
  }

  private static byte[] bounded(InputStream out) {
    try {
      return out.readNBytes(LONGEST_ANSWER);
    } catch (IOException e) {
      return new byte[0];
    }
  }

  /// In the launcher's user namespace the person is root; a helper has to meet the person's keyring
  /// and agent as the person.
  private List<String> command(String verb) throws IOException {
    var command = new ArrayList<String>();
    var uid = environment.getOrDefault("JBUILD_UID", "0");
    var gid = environment.getOrDefault("JBUILD_GID", "0");
    boolean mapped = "root".equals(System.getProperty("user.name"));
    if (mapped && uid.matches("[1-9][0-9]*") && gid.matches("[0-9]+")) {
      command.addAll(List.of("unshare", "--user", "--map-user=" + uid, "--map-group=" + gid));
    }
    command.add(path());
    command.add(verb);
    return command;
  }

  /// Found on the PATH of the environment that was given, which Java would not look at.
  private String path() throws IOException {
    for (var directory : environment.getOrDefault("PATH", "").split(":", -1)) {
      if (directory.startsWith("/")) {
        var file = Path.of(directory, program);
        if (Files.isExecutable(file)) {
          return file.toString();
        }
      }
    }
    throw new IOException(program + " is on no directory of PATH");
  }

  private BuildFailure failure(String what) {
    return Failures.of("the credential helper " + program + " " + what);
  }
}
