package dev.jbuild.image;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import org.jspecify.annotations.Nullable;

/// `SHA256` of OpenSSL's libcrypto.so.3 over fixed bytes.
final class Libcrypto {

  /// Hashes nothing; stands for the library until it is loaded.
  static final Libcrypto NONE = new Libcrypto(MemorySegment.NULL, MemorySegment.NULL, null);

  private final MemorySegment bytes;
  private final MemorySegment hash;
  private final @Nullable MethodHandle function;

  private Libcrypto(MemorySegment bytes, MemorySegment hash, @Nullable MethodHandle function) {
    this.bytes = bytes;
    this.hash = hash;
    this.function = function;
  }

  /// @throws IllegalArgumentException if the library is not installed
  static Libcrypto load(byte[] bytes) {
    var arena = Arena.ofAuto();
    var address =
        SymbolLookup.libraryLookup("libcrypto.so.3", Arena.global()).findOrThrow("SHA256");
    var function =
        Linker.nativeLinker()
            .downcallHandle(address, FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
    return new Libcrypto(arena.allocateFrom(JAVA_BYTE, bytes), arena.allocate(32), function);
  }

  byte[] sha256() {
    if (function == null) {
      throw new IllegalStateException("libcrypto is not loaded");
    }
    try {
      var _ = (MemorySegment) function.invokeExact(bytes, bytes.byteSize(), hash);
    } catch (RuntimeException | Error failure) {
      throw failure;
    } catch (Throwable impossible) {
      throw new AssertionError("a call of native code throws nothing checked", impossible);
    }
    return hash.toArray(JAVA_BYTE);
  }
}
