package dev.jbuild.layer;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;

/// Writes tars byte by byte, so that they can say what no writer of ours would. Names are Latin-1:
/// every char is one byte.
final class Tars {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream pax = new ByteArrayOutputStream();
  private long uid;
  private long gid;
  private long mtime = 1_000;

  /// The owner of what follows.
  Tars owner(long newUid, long newGid) {
    uid = newUid;
    gid = newGid;
    return this;
  }

  /// The time of what follows.
  Tars mtime(long newMtime) {
    mtime = newMtime;
    return this;
  }

  /// A PAX record of the next entry.
  Tars pax(String key, String value) {
    var rest = " " + key + "=" + value + "\n";
    int length = rest.length() + 1;
    while (String.valueOf(length).length() + rest.length() > length) {
      length++;
    }
    pax.writeBytes((length + rest).getBytes(ISO_8859_1));
    return this;
  }

  Tars xattr(String name, String value) {
    return pax("SCHILY.xattr." + name, value);
  }

  Tars file(String name, String content) {
    return file(name, content, 0644);
  }

  Tars file(String name, String content, int mode) {
    return entry(name, '0', mode, content, "", 0, 0);
  }

  Tars directory(String name) {
    return directory(name, 0755);
  }

  Tars directory(String name, int mode) {
    return entry(name + "/", '5', mode, "", "", 0, 0);
  }

  Tars symlink(String name, String target) {
    return entry(name, '2', 0777, "", target, 0, 0);
  }

  Tars hardlink(String name, String target) {
    return entry(name, '1', 0644, "", target, 0, 0);
  }

  Tars fifo(String name) {
    return entry(name, '6', 0600, "", "", 0, 0);
  }

  Tars character(String name, int major, int minor) {
    return entry(name, '3', 0600, "", "", major, minor);
  }

  private Tars entry(
      String name, char type, int mode, String content, String link, int major, int minor) {
    if (name.length() > 100) {
      pax("path", name);
    }
    if (pax.size() > 0) {
      var records = pax.toString(ISO_8859_1);
      pax.reset();
      put("PaxHeader", 'x', 0644, records, "", 0, 0);
    }
    return put(
        name.substring(0, Math.min(100, name.length())), type, mode, content, link, major, minor);
  }

  private Tars put(
      String name, char type, int mode, String content, String link, int major, int minor) {
    var header = new byte[512];
    lay(header, 0, name);
    lay(header, 100, "%07o\0".formatted(mode));
    lay(header, 108, "%07o\0".formatted(uid));
    lay(header, 116, "%07o\0".formatted(gid));
    lay(header, 124, "%011o\0".formatted(content.length()));
    lay(header, 136, "%011o\0".formatted(mtime));
    lay(header, 148, "        ");
    header[156] = (byte) type;
    lay(header, 157, link);
    lay(header, 257, "ustar\00000");
    lay(header, 329, "%07o\0".formatted(major));
    lay(header, 337, "%07o\0".formatted(minor));
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xFF;
    }
    lay(header, 148, "%06o\0 ".formatted(sum));
    out.writeBytes(header);
    out.writeBytes(content.getBytes(ISO_8859_1));
    out.writeBytes(new byte[-content.length() & 511]);
    return this;
  }

  private static void lay(byte[] header, int at, String text) {
    var bytes = text.getBytes(ISO_8859_1);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }

  byte[] bytes() {
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(out.toByteArray());
    whole.writeBytes(new byte[1024]);
    return whole.toByteArray();
  }
}
