package dev.jbuild.registry;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Certificates and private keys in files of PEM (RFC 7468).
final class Pem {

  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([A-Za-z0-9+/=\\s]+)-----END \\1-----");

  /// What stands before a PKCS#1 key of RSA in PKCS#8: version 0 and the algorithm's identifier.
  private static final byte[] RSA_HEAD = {
    0x02,
    0x01,
    0x00,
    0x30,
    0x0D,
    0x06,
    0x09,
    0x2A,
    (byte) 0x86,
    0x48,
    (byte) 0x86,
    (byte) 0xF7,
    0x0D,
    0x01,
    0x01,
    0x01,
    0x05,
    0x00
  };

  private Pem() {}

  private record Block(String label, byte[] der) {}

  private static List<Block> blocks(Path file) throws IOException {
    var blocks = new ArrayList<Block>();
    var matcher = BLOCK.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    while (matcher.find()) {
      blocks.add(new Block(matcher.group(1), Base64.getMimeDecoder().decode(matcher.group(2))));
    }
    return blocks;
  }

  /// All certificates of a file, in their order.
  ///
  /// @throws GeneralSecurityException if one is damaged
  static List<X509Certificate> certificates(Path file)
      throws IOException, GeneralSecurityException {
    var factory = CertificateFactory.getInstance("X.509");
    var certificates = new ArrayList<X509Certificate>();
    for (var block : blocks(file)) {
      if (block.label.endsWith("CERTIFICATE")) {
        var in = new ByteArrayInputStream(block.der);
        certificates.add((X509Certificate) factory.generateCertificate(in));
      }
    }
    return certificates;
  }

  /// The private key of a file: PKCS#8, or PKCS#1 for RSA.
  ///
  /// @throws GeneralSecurityException if there is none that can be used; the message says why
  static PrivateKey privateKey(Path file) throws IOException, GeneralSecurityException {
    for (var block : blocks(file)) {
      switch (block.label) {
        case "PRIVATE KEY" -> {
          return pkcs8(block.der);
        }
        case "RSA PRIVATE KEY" -> {
          return pkcs8(wrapped(block.der));
        }
        case "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY" ->
            throw new GeneralSecurityException(
                "it holds an " + block.label + "; openssl pkcs8 -topk8 -nocrypt makes a plain one");
        default -> {
          continue; // parameters and certificates may stand before the key
        }
      }
    }
    throw new GeneralSecurityException("it holds no private key");
  }

  private static PrivateKey pkcs8(byte[] der) throws GeneralSecurityException {
    var failure = new GeneralSecurityException("its key is neither RSA, EC nor EdDSA");
    for (var algorithm : List.of("RSA", "EC", "EdDSA")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
      } catch (InvalidKeySpecException e) {
        failure.addSuppressed(e); // of another algorithm
      }
    }
    throw failure;
  }

  private static byte[] wrapped(byte[] pkcs1) {
    return tagged(0x30, joined(RSA_HEAD, tagged(0x04, pkcs1)));
  }

  /// A value of DER with its tag and length.
  private static byte[] tagged(int tag, byte[] value) {
    int n = value.length;
    byte[] head =
        n < 0x80
            ? new byte[] {(byte) tag, (byte) n}
            : n < 0x100
                ? new byte[] {(byte) tag, (byte) 0x81, (byte) n}
                : new byte[] {(byte) tag, (byte) 0x82, (byte) (n >> 8), (byte) n};
    return joined(head, value);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    var both = new byte[a.length + b.length];
    System.arraycopy(a, 0, both, 0, a.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
