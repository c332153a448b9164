package dev.jbuild.image;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// SHA-256 of 16 MiB in the pieces in which a layer is written. The floor is SHA256 of libcrypto
/// over the same bytes at once.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(2)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HashLoop {

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
