package dev.jbuild.tar;

import dev.jbuild.failure.Utf8;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/// The records of one PAX header on their way out, sorted by key.
final class PaxHeader {

  private static final String XATTR = "SCHILY.xattr.";

  private final TreeMap<String, byte[]> records = new TreeMap<>();

  boolean isEmpty() {
    return records.isEmpty();
  }

  void put(String key, byte[] value) {
    records.put(key, value);
  }

  void put(String key, long value) {
    put(key, Long.toString(value).getBytes(StandardCharsets.US_ASCII));
  }

  void xattrs(Map<String, byte[]> xattrs) {
    xattrs.forEach((name, value) -> put(XATTR + XattrName.encode(name), value));
  }

  /// The content of the header: `length key=value\n` for each record, the length counting itself.
  byte[] toBytes() {
    var out = new ByteArrayOutputStream(256);
    records.forEach(
        (key, value) -> {
          var name = Utf8.encode(key);
          out.writeBytes(length(name.length + value.length + 3));
          out.write(' ');
          out.writeBytes(name);
          out.write('=');
          out.writeBytes(value);
          out.write('\n');
        });
    return out.toByteArray();
  }

  private static byte[] length(int rest) {
    int length = rest + 1;
    while (Integer.toString(length).length() + rest > length) {
      length++;
    }
    return Integer.toString(length).getBytes(StandardCharsets.US_ASCII);
  }
}
