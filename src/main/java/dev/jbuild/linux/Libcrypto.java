package dev.jbuild.linux;

/// The SHA-256 of OpenSSL's libcrypto, called at once.
///
/// Addresses are of native memory. A function answers 1 if it did what it should
/// (`SHA256_Init(3)`).
final class Libcrypto {

  private static final boolean IS_LOADED = OwnLibraries.load("libjbuild-sha256");

  private Libcrypto() {}

  /// Whether its functions may be called: this machine has an OpenSSL 3.
  static boolean isLoaded() {
    return IS_LOADED;
  }

  static native int begin(long context);

  static native int update(long context, long bytes, long length);

  static native int finish(long hash, long context);
}
