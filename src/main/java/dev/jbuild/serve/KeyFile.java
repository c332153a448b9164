package dev.jbuild.serve;

import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.openssl.PEMEncryptedKeyPair;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;

/// A private key in PEM: PKCS#8, PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
final class KeyFile {

  private KeyFile() {}

  /// @throws dev.jbuild.failure.BuildFailure if there is none, or it is encrypted
  static PrivateKey read(Path file) throws IOException {
    var shown = Printable.of(file.toString());
    try (var parser = new PEMParser(Files.newBufferedReader(file, StandardCharsets.ISO_8859_1))) {
      for (var found = parser.readObject(); found != null; found = parser.readObject()) {
        switch (found) {
          case PrivateKeyInfo info -> {
            return new JcaPEMKeyConverter().getPrivateKey(info);
          }
          case PEMKeyPair pair -> {
            return new JcaPEMKeyConverter().getPrivateKey(pair.getPrivateKeyInfo());
          }
          case PEMEncryptedKeyPair _, PKCS8EncryptedPrivateKeyInfo _ ->
              throw Registry.failure("the key in " + shown + " is encrypted")
                  .hint("decrypt it: openssl pkey -in " + shown + " -out plain.key");
          default -> {
            continue; // the curve of a key, which openssl writes before it
          }
        }
      }
    } catch (NoSuchFileException e) {
      throw Registry.failure("there is no key " + shown);
    } catch (IOException e) {
      throw Registry.failure(
          "the key in "
              + shown
              + " cannot be read: "
              + Printable.of(String.valueOf(e.getMessage())));
    }
    throw Registry.failure(shown + " holds no private key in PEM");
  }

  /// Whether the two belong together.
  static boolean fits(PrivateKey secret, PublicKey open) throws GeneralSecurityException {
    if (!secret.getAlgorithm().equals(open.getAlgorithm())) {
      return false;
    }
    var algorithm =
        switch (secret.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> secret.getAlgorithm();
        };
    var sample = "registry".getBytes(StandardCharsets.US_ASCII);
    var signer = Signature.getInstance(algorithm);
    signer.initSign(secret);
    signer.update(sample);
    var signature = signer.sign();
    signer.initVerify(open);
    signer.update(sample);
    return signer.verify(signature);
  }
}
