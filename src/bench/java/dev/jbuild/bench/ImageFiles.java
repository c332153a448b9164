package dev.jbuild.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarFile;

/// What files an image has: how many, and a digest over names and contents. Two builders that built
/// the same agree on it. What some of them leave of the mounts of a RUN is not counted.
record ImageFiles(int count, String digest) {

  private static final Pattern LEFT_OF_MOUNTS =
      Pattern.compile("/(run|proc|sys|dev)/.*|/etc/(hosts|hostname|resolv.conf)|/.dockerenv");

  /// Of the only image in a docker or OCI archive.
  static ImageFiles of(Path archive) throws IOException {
    try (var tar = new TarFile(archive.toFile())) {
      var entries = new HashMap<String, TarArchiveEntry>();
      tar.getEntries().forEach(each -> entries.put(each.getName(), each));
      var files = new TreeMap<String, String>();
      for (var layer : layers(tar, entries)) {
        try (var in = plain(tar.getInputStream(layer))) {
          apply(in, files);
        }
      }
      files.keySet().removeIf(LEFT_OF_MOUNTS.asMatchPredicate());
      var all = sha256();
      files.forEach((name, content) -> all.update((name + "\0" + content + "\n").getBytes(UTF_8)));
      return new ImageFiles(files.size(), HexFormat.of().formatHex(all.digest()));
    }
  }

  private static final java.nio.charset.Charset UTF_8 = StandardCharsets.UTF_8;

  private static List<TarArchiveEntry> layers(TarFile tar, Map<String, TarArchiveEntry> entries)
      throws IOException {
    var json = new ObjectMapper();
    var found = new ArrayList<TarArchiveEntry>();
    var docker = entries.get("manifest.json");
    if (docker != null) {
      try (var in = tar.getInputStream(docker)) {
        json.readTree(in).get(0).get("Layers").forEach(each -> add(entries, each.asText(), found));
      }
      return found;
    }
    try (var in = tar.getInputStream(entry(entries, "index.json"))) {
      var manifest = json.readTree(in).get("manifests").get(0).get("digest").asText();
      try (var inner = tar.getInputStream(entry(entries, blob(manifest)))) {
        json.readTree(inner)
            .get("layers")
            .forEach(each -> add(entries, blob(each.get("digest").asText()), found));
      }
    }
    return found;
  }

  private static String blob(String digest) {
    return "blobs/" + digest.replace(':', '/');
  }

  private static void add(
      Map<String, TarArchiveEntry> entries, String name, List<TarArchiveEntry> found) {
    var entry = entry(entries, name);
    // docker save stores a layer that occurs twice as a link to its first place.
    found.add(
        entry.isSymbolicLink()
            ? entry(entries, Path.of(name).resolveSibling(entry.getLinkName()).normalize() + "")
            : entry);
  }

  private static TarArchiveEntry entry(Map<String, TarArchiveEntry> entries, String name) {
    var entry = entries.get(name);
    if (entry == null) {
      throw new IllegalStateException("the archive has no " + name);
    }
    return entry;
  }

  private static InputStream plain(InputStream in) throws IOException {
    var buffered = new BufferedInputStream(in, 1 << 16);
    buffered.mark(2);
    boolean gzip = buffered.read() == 0x1F && buffered.read() == 0x8B;
    buffered.reset();
    return gzip ? new GZIPInputStream(buffered, 1 << 16) : buffered;
  }

  private static void apply(InputStream layer, Map<String, String> files) throws IOException {
    var tar = new TarArchiveInputStream(layer, "UTF-8");
    for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
      var name = Path.of("/" + entry.getName()).normalize().toString();
      var last = name.substring(name.lastIndexOf('/') + 1);
      if (last.startsWith(".wh.")) {
        files.remove(name.substring(0, name.length() - last.length()) + last.substring(4));
      } else if (entry.isSymbolicLink() || entry.isLink()) {
        files.put(name, "-> " + entry.getLinkName());
      } else if (entry.isFile()) {
        var content = sha256();
        var buffer = new byte[1 << 16];
        for (int n = tar.read(buffer); n >= 0; n = tar.read(buffer)) {
          content.update(buffer, 0, n);
        }
        files.put(name, HexFormat.of().formatHex(content.digest()));
      }
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
