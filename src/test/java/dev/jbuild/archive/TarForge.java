package dev.jbuild.archive;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// Writes ustar byte by byte, so that archives can lie, and reads tars with another's code.
final class TarForge {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  TarForge file(String name, byte[] content) {
    header(name, '0', content.length, "");
    out.writeBytes(content);
    out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  TarForge file(String name, String content) {
    return file(name, content.getBytes(UTF_8));
  }

  TarForge directory(String name) {
    header(name + "/", '5', 0, "");
    return this;
  }

  TarForge symlink(String name, String target) {
    header(name, '2', 0, target);
    return this;
  }

  TarForge hardlink(String name, String target) {
    header(name, '1', 0, target);
    return this;
  }

  private void header(String name, char type, long size, String link) {
    var header = new byte[512];
    put(header, 0, name);
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format("%011o\0", size));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    out.writeBytes(header);
  }

  private static void put(byte[] header, int at, String text) {
    var bytes = text.getBytes(UTF_8);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  byte[] bytes() {
    var end = new ByteArrayOutputStream();
    end.writeBytes(out.toByteArray());
    end.writeBytes(new byte[1024]);
    return end.toByteArray();
  }

  /// The entries of a tar in their order; directories end with a slash and are empty.
  static Map<String, byte[]> entries(byte[] tar) throws IOException {
    var entries = new LinkedHashMap<String, byte[]>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(tar))) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }
}
