package dev.jbuild.serve;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Source;
import dev.jbuild.failure.Utf8;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;

/// Who may use a registry: the names and bcrypt hashes of a file as htpasswd writes it.
///
/// A wrong name costs as much time as a wrong password. A password that was right is remembered as
/// a keyed hash, in this process only, since bcrypt is meant to be slow and clients send it with
/// every request.
final class Credentials {

  private static final Pattern BCRYPT = Pattern.compile("\\$2[abxy]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

  /// A cost of 17 takes ten seconds.
  private static final int HIGHEST_COST = 17;

  private static final int LARGEST_FILE = 16 << 20;

  /// bcrypt's own limit.
  private static final int LONGEST_PASSWORD = 72;

  private static final String BASIC = "basic ";

  /// Of a password that nobody has.
  private static final String NOBODY =
      "$2a$10$E5AhHdK1yD.Mz9S9S3T/ruHqdP8pcoG1pgW64C8Bl9CPlHOdPPLHu";

  private final Map<String, String> hashes;
  private final Map<String, byte[]> proven = new ConcurrentHashMap<>();
  private final byte[] key = new byte[32];

  /// Hashing must not take all processors from those who are known.
  private final Semaphore hashing =
      new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() - 1));

  private Credentials(Map<String, String> hashes) {
    this.hashes = Map.copyOf(hashes);
    new SecureRandom().nextBytes(key);
  }

  /// Reads a file of htpasswd.
  ///
  /// @throws BuildFailure at the line that is wrong
  static Credentials read(Path file) throws IOException {
    var source = new Source(file.toString(), text(file));
    var hashes = new HashMap<String, String>();
    for (int number = 1; number <= source.lineCount(); number++) {
      var line = source.line(number).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      if (colon <= 0) {
        throw wrong("a line is NAME:HASH", source, number);
      }
      var name = line.substring(0, colon);
      if (hashes.put(name, checked(line.substring(colon + 1), source, number)) != null) {
        throw wrong(Printable.of(name) + " is here twice", source, number);
      }
    }
    if (hashes.isEmpty()) {
      throw Registry.failure(Printable.of(file.toString()) + " names nobody")
          .hint("add somebody: htpasswd -B " + Printable.of(file.toString()) + " NAME");
    }
    return new Credentials(hashes);
  }

  private static String text(Path file) throws IOException {
    var shown = Printable.of(file.toString());
    try {
      if (Files.size(file) > LARGEST_FILE) {
        throw Registry.failure(shown + " is too large for a file of passwords");
      }
      return Utf8.decode(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw Registry.failure("there is no file of passwords " + shown)
          .hint("make one: htpasswd -Bc " + shown + " NAME");
    }
  }

  private static String checked(String hash, Source source, int number) {
    if (BCRYPT.matcher(hash).matches()) {
      if (Integer.parseInt(hash.substring(4, 6)) > HIGHEST_COST) {
        throw wrong("a cost of more than " + HIGHEST_COST + " takes too long", source, number);
      }
      return hash;
    }
    throw wrong(
            "the password is not hashed with bcrypt, the only kind that is safe to keep",
            source,
            number)
        .hint("hash it again: htpasswd -B " + Printable.of(source.name()) + " NAME");
  }

  /// The line itself is not shown: it is a secret.
  private static BuildFailure wrong(String what, Source source, int number) {
    return Registry.failure(Printable.of(source.name()) + ":" + number + ": " + what);
  }

  /// Whether the value of an Authorization field names somebody with the right password.
  boolean accepts(Optional<String> authorization) {
    var pair = authorization.flatMap(Credentials::decoded);
    if (pair.isEmpty()) {
      return false;
    }
    int colon = pair.get().indexOf(':');
    if (colon < 0) {
      return false;
    }
    return matches(pair.get().substring(0, colon), pair.get().substring(colon + 1));
  }

  private static Optional<String> decoded(String field) {
    if (!field.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
      return Optional.empty();
    }
    try {
      var bytes = Base64.getDecoder().decode(field.substring(BASIC.length()).strip());
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private boolean matches(String name, String password) {
    var mac = mac(name, password);
    var before = proven.get(name);
    if (before != null && MessageDigest.isEqual(before, mac)) {
      return true;
    }
    var bytes = password.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > LONGEST_PASSWORD) {
      return false; // bcrypt would look at the beginning only
    }
    var hash = hashes.get(name);
    boolean right = check(hash == null ? NOBODY : hash, password) && hash != null;
    if (right) {
      proven.put(name, mac);
    }
    return right;
  }

  private boolean check(String hash, String password) {
    hashing.acquireUninterruptibly();
    try {
      return OpenBSDBCrypt.checkPassword(hash, password.toCharArray());
    } finally {
      hashing.release();
    }
  }

  private byte[] mac(String name, String password) {
    try {
      var mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      mac.update(name.getBytes(StandardCharsets.UTF_8));
      mac.update((byte) ':');
      return mac.doFinal(password.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException | InvalidKeyException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }
}
