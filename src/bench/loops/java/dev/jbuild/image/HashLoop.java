package dev.jbuild.image;

import dev.jbuild.loops.Loop;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/// SHA-256 of 16 MiB in the pieces in which a layer is written. The floor is SHA256 of libcrypto
/// over the same bytes at once.
public class HashLoop extends Loop {

  private static final int SIZE = 16 << 20;
  private static final int PIECE = 1 << 17;

  private final byte[] bytes = bytes();

  private static byte[] bytes() {
    var bytes = new byte[SIZE];
    new Random(1).nextBytes(bytes);
    return bytes;
  }

  /// libcrypto, and the bytes where it can read them; of the floor alone, which fails without it.
  @State(Scope.Benchmark)
  public static class Floor {
    private Libcrypto libcrypto = Libcrypto.NONE;

    /// Loads it, and holds it against the JDK's.
    @Setup
    public void prepare() {
      var bytes = bytes();
      libcrypto = Libcrypto.load(bytes);
      if (!Digest.ofHash(libcrypto.sha256()).equals(Digest.of(bytes))) {
        throw new IllegalStateException("libcrypto has another SHA-256");
      }
    }
  }

  /// The JDK's, whose inner loop the processor's SHA instructions run.
  @Benchmark
  public Digest sha256() {
    var hash = Digest.sha256();
    for (int at = 0; at < SIZE; at += PIECE) {
      hash.update(bytes, at, PIECE);
    }
    return Digest.ofHash(hash.digest());
  }

  /// libcrypto's.
  @Benchmark
  public byte[] sha256Floor(Floor floor) {
    return floor.libcrypto.sha256();
  }
}
