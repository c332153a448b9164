package dev.jbuild.build;

import dev.jbuild.sandbox.StepOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/// Output of a step without the secrets that the step was given: a step that prints one (`set -x`,
/// a careless error message) must not put it into logs (reliability case 79).
///
/// What is replaced are the exact bytes of a secret, and of a secret of several lines each line
/// that is long enough to be its own. A step that encodes or cuts a secret is beyond this. Holds
/// back no more than the longest beginning of a secret; [#finish] gives that away.
final class SecretMask implements StepOutput {

  private static final byte[] MASK = "***".getBytes(StandardCharsets.US_ASCII);

  /// Shorter ones would make half of any text unreadable.
  private static final int SHORTEST = 4;

  private static final int SHORTEST_LINE = 8;

  private final List<byte[]> secrets;
  private final boolean[] begins = new boolean[256];
  private final StepOutput next;
  private byte[] held = {};
  private boolean hasFound;

  private SecretMask(List<byte[]> secrets, StepOutput next) {
    this.secrets = secrets;
    this.next = next;
    secrets.forEach(secret -> begins[secret[0] & 0xFF] = true);
  }

  /// @param values of the secrets that the step is given
  static SecretMask of(Collection<byte[]> values, StepOutput next) {
    var secrets = new ArrayList<byte[]>();
    for (var value : values) {
      var text = new String(value, StandardCharsets.ISO_8859_1);
      add(secrets, text.strip(), SHORTEST);
      if (text.strip().indexOf('\n') >= 0) {
        text.lines().forEach(line -> add(secrets, line.strip(), SHORTEST_LINE));
      }
    }
    secrets.sort((one, other) -> Integer.compare(other.length, one.length));
    return new SecretMask(List.copyOf(secrets), next);
  }

  private static void add(List<byte[]> secrets, String text, int shortest) {
    if (text.length() >= shortest) {
      secrets.add(text.getBytes(StandardCharsets.ISO_8859_1));
    }
  }

  @Override
  public void write(byte[] buffer, int length) throws IOException {
    if (secrets.isEmpty()) {
      next.write(buffer, length);
      return;
    }
    var all = Arrays.copyOf(held, held.length + length);
    System.arraycopy(buffer, 0, all, held.length, length);
    var out = new ByteArrayOutputStream(all.length);
    int at = 0;
    while (at < all.length) {
      int skipped = begins[all[at] & 0xFF] ? secretAt(all, at, false) : 0;
      if (skipped < 0) {
        break; // the rest may be the beginning of one
      }
      if (skipped > 0) {
        out.writeBytes(MASK);
        at += skipped;
      } else {
        out.write(all[at++]);
      }
    }
    held = Arrays.copyOfRange(all, at, all.length);
    pass(out.toByteArray());
  }

  /// The length of the secret at `at`; 0 if there is none, -1 if `all` ends inside of one.
  ///
  /// @param atEnd whether nothing comes after `all`, so that one that is cut short there is none
  private int secretAt(byte[] all, int at, boolean atEnd) {
    int found = 0;
    for (var secret : secrets) {
      int there = Math.min(secret.length, all.length - at);
      if (Arrays.equals(secret, 0, there, all, at, at + there)) {
        if (there < secret.length) {
          if (atEnd) {
            continue;
          }
          return -1;
        }
        hasFound = true;
        found = Math.max(found, secret.length);
      }
    }
    return found;
  }

  private void pass(byte[] bytes) throws IOException {
    if (bytes.length > 0) {
      next.write(bytes, bytes.length);
    }
  }

  /// Whether any was hidden until now.
  boolean hasFound() {
    return hasFound;
  }

  /// Gives away what was held back, when nothing comes any more.
  void finish() throws IOException {
    var rest = held;
    held = new byte[0];
    var out = new ByteArrayOutputStream();
    for (int at = 0; at < rest.length; ) {
      int skipped = secretAt(rest, at, true);
      out.writeBytes(skipped > 0 ? MASK : Arrays.copyOfRange(rest, at, at + 1));
      at += Math.max(1, skipped);
    }
    pass(out.toByteArray());
  }
}
