package dev.jbuild.registry;

import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A file with credentials: docker's config.json or containers' auth.json, which have one format.
final class CredentialFile {

  private static final int LONGEST = 4 << 20;

  private final String what;
  private final JsonObject json;

  private CredentialFile(String what, JsonObject json) {
    this.what = what;
    this.json = json;
  }

  /// Reads a file; empty if there is none.
  static Optional<CredentialFile> read(Path file) {
    try {
      if (Files.size(file) > LONGEST) {
        throw Failures.file(file, "it is larger than " + LONGEST + " bytes");
      }
      var bytes = Files.readAllBytes(file);
      return bytes.length == 0 ? Optional.empty() : Optional.of(parse(bytes, file.toString()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (AccessDeniedException e) {
      throw Failures.file(file, "permission denied");
    } catch (IOException e) {
      throw Failures.file(file, String.valueOf(e.getMessage()));
    }
  }

  /// @param what names the document in messages
  static CredentialFile parse(byte[] bytes, String what) throws ImageFormatException {
    return new CredentialFile(what, JsonObject.parse(bytes, "it", LONGEST));
  }

  /// What the file, or the helper that it names, has for a registry.
  ///
  /// @param keys under which it may stand, the best first
  /// @param server what helpers are asked for
  Optional<Credential> find(List<String> keys, String server, Map<String, String> environment)
      throws InterruptedException {
    try {
      var helper = helper(keys);
      if (helper.isPresent()) {
        var found = new Keychain(helper.get(), what, environment).get(server);
        if (found.isPresent()) {
          return found;
        }
      }
      var auths = json.object("auths");
      // The oldest files have the registries at the top.
      return entry(auths.isPresent() ? auths.get() : json, keys);
    } catch (ImageFormatException e) {
      throw Failures.of(what + " cannot be used: " + e.getMessage());
    }
  }

  /// The name of the helper that is responsible for a registry.
  Optional<String> helper(List<String> keys) throws ImageFormatException {
    var helpers = json.stringMap("credHelpers");
    for (var key : keys) {
      var name = helpers.get(key);
      if (name != null && !name.isEmpty()) {
        return Optional.of(name);
      }
    }
    return json.string("credsStore").filter(name -> !name.isEmpty());
  }

  private Optional<Credential> entry(JsonObject auths, List<String> keys)
      throws ImageFormatException {
    for (var key : keys) {
      for (var name : auths.members().keySet()) {
        if (normal(name).equals(key) && auths.members().get(name) instanceof Map<?, ?>) {
          var found = credential(name, auths.requiredObject(name));
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }

  /// Old keys are addresses, `https://index.docker.io/v1/`.
  static String normal(String key) {
    var name = key.replaceFirst("^https?://", "");
    name = name.replaceFirst("/v[12]/?$", "");
    return name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
  }

  private static Optional<Credential> credential(String key, JsonObject entry)
      throws ImageFormatException {
    var identity = text(entry, "identitytoken");
    if (identity != null) {
      return Optional.of(new Credential.IdentityToken(identity));
    }
    var registry = text(entry, "registrytoken");
    if (registry != null) {
      return Optional.of(new Credential.RegistryToken(registry));
    }
    var auth = text(entry, "auth");
    if (auth != null) {
      return Optional.of(decoded(key, auth));
    }
    var user = text(entry, "username");
    return user == null
        ? Optional.empty()
        : Optional.of(new Credential.Password(user, entry.string("password").orElse("")));
  }

  private static Credential decoded(String key, String auth) throws ImageFormatException {
    try {
      var text = new String(Base64.getDecoder().decode(auth.strip()), StandardCharsets.UTF_8);
      // Docker's oldest files end with a NUL.
      return Credential.parse(text.replaceAll("\0+$", ""));
    } catch (IllegalArgumentException e) {
      throw new ImageFormatException(
          "the \"auth\" of \"" + key + "\" is not user:password in Base64");
    }
  }

  private static @Nullable String text(JsonObject entry, String name) throws ImageFormatException {
    return entry.string(name).filter(value -> !value.isEmpty()).orElse(null);
  }
}
