package dev.jbuild.linux;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.ProviderException;

/// SHA-256 by OpenSSL's libcrypto where there is one, and otherwise by Java.
///
/// Java's own runs at a tenth of its speed until the second compiler has seen to it, and the first
/// search for it reads all of Java's security settings. libcrypto's is as fast from the first byte
/// on, so that most builds need no second compiler (docs/decisions/0018-libcrypto.md).
public final class Sha256 extends MessageDigest {

  /// `sizeof(SHA256_CTX)` on all processors, and where the hash is put behind it (openssl/sha.h).
  private static final int CONTEXT_SIZE = 112;

  private static final int HASH = 128;
  private static final int HASH_SIZE = 32;

  /// What libcrypto knows of this computation between two calls.
  private final byte[] context = new byte[CONTEXT_SIZE];

  private Sha256() {
    super("SHA-256");
    engineReset();
  }

  /// Whether OpenSSL computes it here.
  public static boolean isOpenSsl() {
    return Libcrypto.isLoaded();
  }

  /// A new computation.
  public static MessageDigest start() {
    if (isOpenSsl()) {
      return new Sha256();
    }
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  @Override
  protected int engineGetDigestLength() {
    return HASH_SIZE;
  }

  @Override
  protected void engineReset() {
    var memory = Scratch.get();
    check(Libcrypto.begin(memory.struct()));
    memory.fromStruct(context);
  }

  @Override
  protected void engineUpdate(byte input) {
    engineUpdate(new byte[] {input}, 0, 1);
  }

  @Override
  protected void engineUpdate(byte[] input, int offset, int length) {
    var memory = Scratch.get();
    memory.toStruct(context);
    for (int done = 0; done < length; ) {
      int piece = Math.min(length - done, Scratch.BUFFER_SIZE);
      long bytes = memory.buffer(input, offset + done, piece);
      check(Libcrypto.update(memory.struct(), bytes, piece));
      done += piece;
    }
    memory.fromStruct(context);
  }

  @Override
  protected byte[] engineDigest() {
    var memory = Scratch.get();
    memory.toStruct(context);
    check(Libcrypto.finish(memory.struct() + HASH, memory.struct()));
    var hash = memory.fromStruct(HASH, HASH_SIZE);
    engineReset();
    return hash;
  }

  private static void check(int answer) {
    if (answer != 1) {
      throw new ProviderException("libcrypto refused to compute SHA-256");
    }
  }
}
