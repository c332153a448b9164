package dev.jbuild.serve;

import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/// A certificate authority of our own and the certificate that it gave this registry, in a
/// directory: `ca.crt`, `ca.key`, `server.crt`, `server.key`. Keys are readable by their owner
/// only.
///
/// The authority is made once, so that clients have to be told once. The server's certificate is
/// made anew when it lacks a name or is about to end.
final class SelfSigned {

  private static final Duration AUTHORITY_LASTS = Duration.ofDays(3650);

  /// Longer-lived ones are refused by some clients.
  private static final Duration SERVER_LASTS = Duration.ofDays(397);

  private static final Duration LEFT = Duration.ofDays(30);
  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9-]{0,62})(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*");
  private static final Pattern IP4 = Pattern.compile("[0-9.]+");

  private static final int DNS = 2;
  private static final int IP = 7;

  private final Path directory;

  SelfSigned(Path directory) {
    this.directory = directory;
  }

  /// The identity of a registry that listens on `host`.
  Certificates.Identity identity(String host) throws IOException {
    DataFiles.make(directory);
    try {
      var names = names(host);
      var authority = authority();
      var certificate = directory.resolve("server.crt");
      var keyFile = directory.resolve("server.key");
      if (Files.exists(certificate) && Files.exists(keyFile)) {
        var chain = Certificates.chain(certificate);
        var key = KeyFile.read(keyFile);
        if (isGood(chain, key, names, authority)) {
          return new Certificates.Identity(key, chain);
        }
      }
      var pair = newKey();
      var made = sign(authority, pair.getPublic(), names);
      var chain = List.of(made, authority.chain().getFirst());
      write(keyFile, "PRIVATE KEY", List.of(pair.getPrivate().getEncoded()), "rw-------");
      write(certificate, "CERTIFICATE", encoded(chain), "rw-r--r--");
      return new Certificates.Identity(pair.getPrivate(), chain);
    } catch (GeneralSecurityException | OperatorCreationException e) {
      throw new IllegalStateException("a certificate could not be made", e);
    }
  }

  private static List<byte[]> encoded(List<X509Certificate> chain) throws GeneralSecurityException {
    var all = new ArrayList<byte[]>();
    for (var certificate : chain) {
      all.add(certificate.getEncoded());
    }
    return all;
  }

  private static boolean isGood(
      List<X509Certificate> chain,
      PrivateKey key,
      List<GeneralName> names,
      Certificates.Identity authority)
      throws GeneralSecurityException {
    var certificate = chain.getFirst();
    var has = new TreeSet<String>();
    var alternatives = certificate.getSubjectAlternativeNames();
    if (alternatives != null) {
      alternatives.forEach(
          each -> has.add(text((Integer) each.get(0), String.valueOf(each.get(1)))));
    }
    return certificate.getNotAfter().toInstant().isAfter(Instant.now().plus(LEFT))
        && certificate
            .getIssuerX500Principal()
            .equals(authority.chain().getFirst().getSubjectX500Principal())
        && KeyFile.fits(key, certificate.getPublicKey())
        && names.stream().allMatch(name -> has.contains(text(name)));
  }

  private static String text(GeneralName name) {
    if (name.getTagNo() == IP) {
      var bytes = ((org.bouncycastle.asn1.ASN1OctetString) name.getName()).getOctets();
      try {
        return text(IP, InetAddress.getByAddress(bytes).getHostAddress());
      } catch (UnknownHostException e) {
        throw new IllegalStateException("an address has 4 or 16 bytes", e);
      }
    }
    return text(DNS, String.valueOf(name.getName()));
  }

  private static String text(int kind, String name) {
    return kind + " " + name;
  }

  /// Every name and address by which clients may call this machine.
  private static List<GeneralName> names(String host) throws IOException {
    var hosts = new TreeSet<String>();
    var addresses = new TreeSet<String>();
    hosts.add("localhost");
    addresses.add("127.0.0.1");
    addresses.add(InetAddress.ofLiteral("::1").getHostAddress());
    for (var name : List.of(HostName.get(), host)) {
      boolean literal = IP4.matcher(name).matches() || name.indexOf(':') >= 0;
      if (!literal && HOST.matcher(name).matches()) {
        hosts.add(name);
      }
    }
    var address = InetAddress.getByName(host);
    if (address.isAnyLocalAddress()) {
      addresses.addAll(ownAddresses());
    } else {
      addresses.add(plain(address));
    }
    var names = new ArrayList<GeneralName>();
    hosts.forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    addresses.forEach(each -> names.add(new GeneralName(GeneralName.iPAddress, each)));
    return names;
  }

  private static Set<String> ownAddresses() throws SocketException {
    var all = new TreeSet<String>();
    NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLinkLocalAddress())
        .forEach(address -> all.add(plain(address)));
    return all;
  }

  /// Without the name of an interface.
  private static String plain(InetAddress address) {
    var text = address.getHostAddress();
    int percent = text.indexOf('%');
    return percent < 0 ? text : text.substring(0, percent);
  }

  private Certificates.Identity authority()
      throws IOException, GeneralSecurityException, OperatorCreationException {
    var certificate = Certificates.authority(directory);
    var keyFile = directory.resolve("ca.key");
    if (Files.exists(certificate) && Files.exists(keyFile)) {
      var chain = Certificates.chain(certificate);
      if (chain.getFirst().getNotAfter().toInstant().isAfter(Instant.now().plus(SERVER_LASTS))) {
        return new Certificates.Identity(KeyFile.read(keyFile), chain);
      }
    }
    var pair = newKey();
    var serial = serial();
    var name = new X500Name("CN=jbuild registry CA " + serial.toString(16).substring(0, 8));
    var builder = builder(name, name, serial, AUTHORITY_LASTS, pair.getPublic());
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
    builder.addExtension(
        Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    builder.addExtension(
        Extension.subjectKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
    var made = signed(builder, pair.getPrivate());
    write(keyFile, "PRIVATE KEY", List.of(pair.getPrivate().getEncoded()), "rw-------");
    write(certificate, "CERTIFICATE", encoded(List.of(made)), "rw-r--r--");
    return new Certificates.Identity(pair.getPrivate(), List.of(made));
  }

  private static X509Certificate sign(
      Certificates.Identity authority, PublicKey key, List<GeneralName> names)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    var issuer = authority.chain().getFirst();
    var issuerName = X500Name.getInstance(issuer.getSubjectX500Principal().getEncoded());
    var builder =
        builder(issuerName, new X500Name("CN=jbuild registry"), serial(), SERVER_LASTS, key);
    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
    builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
    builder.addExtension(
        Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth));
    builder.addExtension(
        Extension.subjectAlternativeName,
        false,
        new GeneralNames(names.toArray(GeneralName[]::new)));
    builder.addExtension(
        Extension.authorityKeyIdentifier,
        false,
        new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer));
    return signed(builder, authority.key());
  }

  private static JcaX509v3CertificateBuilder builder(
      X500Name issuer, X500Name subject, BigInteger serial, Duration lasts, PublicKey key) {
    var now = Instant.now();
    return new JcaX509v3CertificateBuilder(
        issuer,
        serial,
        Date.from(now.minus(Duration.ofHours(1))), // clocks differ
        Date.from(now.plus(lasts)),
        subject,
        key);
  }

  private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
      throws GeneralSecurityException, OperatorCreationException {
    return new JcaX509CertificateConverter()
        .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
  }

  private static BigInteger serial() {
    return new BigInteger(126, new SecureRandom()).setBit(126);
  }

  private static KeyPair newKey() throws GeneralSecurityException {
    var generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    return generator.generateKeyPair();
  }

  /// Writes PEM in one step; the mode is there from the beginning.
  private static void write(Path file, String label, List<byte[]> contents, String mode)
      throws IOException {
    var text = new StringBuilder();
    var encoder = Base64.getMimeEncoder(64, new byte[] {'\n'});
    for (var content : contents) {
      text.append("-----BEGIN ").append(label).append("-----\n");
      text.append(encoder.encodeToString(content));
      text.append("\n-----END ").append(label).append("-----\n");
    }
    var fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    Files.createFile(
        fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
    Files.writeString(fresh, text, StandardCharsets.US_ASCII);
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString(mode));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
