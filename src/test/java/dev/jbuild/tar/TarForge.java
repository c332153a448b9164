package dev.jbuild.tar;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/// Makes tars byte by byte for tests, every lie included; knows nothing of the code that it tests.
///
/// ```java
/// byte[] tar = new TarForge().directory("d/").file("d/f", "text").symlink("l", "/outside").tar();
/// byte[] lie = new TarForge().block(new Block("f").size(99)).raw(new byte[512]).tar();
/// ```
///
/// The short forms make ustar entries, mode 0644 (directories 0755), owner 0:0, time 0; whatever
/// else is wanted is said of a [Block]. Names given as text are UTF-8 and stand in the tar exactly
/// as given: give a directory its slash. [#tar] adds the two zero blocks, [#bytes] does not.
public final class TarForge {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /// One header block in the making. The checksum is right unless it is set.
  public static final class Block {

    private final byte[] bytes = new byte[512];
    private boolean checked;

    public Block(String name) {
      this(name.getBytes(UTF_8));
    }

    public Block(byte[] name) {
      field(0, 100, name);
      octal(100, 8, 0644);
      octal(108, 8, 0);
      octal(116, 8, 0);
      octal(124, 12, 0);
      octal(136, 12, 0);
      type('0').magic("ustar\00000");
    }

    public Block type(char type) {
      bytes[156] = (byte) type;
      return this;
    }

    public Block mode(int mode) {
      return octal(100, 8, mode);
    }

    public Block owner(long uid, long gid) {
      return octal(108, 8, uid).octal(116, 8, gid);
    }

    public Block size(long size) {
      return octal(124, 12, size);
    }

    public Block mtime(long mtime) {
      return octal(136, 12, mtime);
    }

    public Block link(String target) {
      return field(157, 100, target.getBytes(UTF_8));
    }

    public Block prefix(String prefix) {
      return field(345, 155, prefix.getBytes(UTF_8));
    }

    public Block device(int major, int minor) {
      return octal(329, 8, major).octal(337, 8, minor);
    }

    /// Eight bytes: `ustar\00000` (as it comes), `ustar  \0` (GNU), nothing (V7).
    public Block magic(String magic) {
      return field(257, 8, magic.getBytes(ISO_8859_1));
    }

    /// Any number as octal digits and a NUL, cut on the left.
    public Block octal(int at, int length, long value) {
      long rest = value;
      for (int i = length - 2; i >= 0; i--) {
        bytes[at + i] = (byte) ('0' + (rest & 7));
        rest >>>= 3;
      }
      bytes[at + length - 1] = 0;
      return this;
    }

    /// Any number in base 256, sign and all.
    public Block base256(int at, int length, long value) {
      for (int i = 0; i < length; i++) {
        int shift = 8 * (length - 1 - i);
        bytes[at + i] = (byte) (value >> Math.min(63, shift));
      }
      bytes[at] |= (byte) 0x80;
      return this;
    }

    /// Any bytes anywhere, NULs behind them.
    public Block field(int at, int length, byte[] value) {
      Arrays.fill(bytes, at, at + length, (byte) 0);
      System.arraycopy(value, 0, bytes, at, Math.min(length, value.length));
      return this;
    }

    public Block text(int at, String value) {
      var raw = value.getBytes(ISO_8859_1);
      System.arraycopy(raw, 0, bytes, at, raw.length);
      return this;
    }

    /// This checksum instead of the right one.
    public Block checksum(String eightBytes) {
      checked = true;
      return text(148, eightBytes);
    }

    /// The block as it goes into the tar.
    public byte[] bytes() {
      if (!checked) {
        Arrays.fill(bytes, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : bytes) {
          sum += b & 0xFF;
        }
        octal(148, 7, sum);
      }
      return bytes.clone();
    }
  }

  public TarForge file(String name, String content) {
    return file(name, content.getBytes(UTF_8));
  }

  public TarForge file(String name, byte[] content) {
    return block(new Block(name).size(content.length)).content(content);
  }

  public TarForge directory(String name) {
    return block(new Block(name).type('5').mode(0755));
  }

  public TarForge symlink(String name, String target) {
    return block(new Block(name).type('2').mode(0777).link(target));
  }

  public TarForge hardlink(String name, String target) {
    return block(new Block(name).type('1').link(target));
  }

  /// @param type `3` or `4`
  public TarForge device(String name, char type, int major, int minor) {
    return block(new Block(name).type(type).device(major, minor));
  }

  public TarForge fifo(String name) {
    return block(new Block(name).type('6'));
  }

  /// A header for the next entry of these records, `key=value` each.
  public TarForge pax(String... records) {
    return extension('x', records(records));
  }

  /// A header for all entries from here on.
  public TarForge globalPax(String... records) {
    return extension('g', records(records));
  }

  /// GNU tar's long name of the next entry.
  public TarForge longName(String name) {
    return extension('L', (name + "\0").getBytes(UTF_8));
  }

  /// GNU tar's long link target of the next entry.
  public TarForge longLink(String target) {
    return extension('K', (target + "\0").getBytes(UTF_8));
  }

  /// A header of any extension type and its content, right or wrong.
  public TarForge extension(char type, byte[] content) {
    var name = type == 'x' || type == 'g' ? "PaxHeaders.0/x" : "././@LongLink";
    return block(new Block(name).type(type).size(content.length)).content(content);
  }

  /// The records as they stand in a PAX header. Bytes above 0x7F are written as Latin-1, so that
  /// binary values can be given as text.
  public static byte[] records(String... records) {
    var all = new ByteArrayOutputStream();
    for (var record : records) {
      all.writeBytes(record(record).getBytes(ISO_8859_1));
    }
    return all.toByteArray();
  }

  private static String record(String keyAndValue) {
    int rest = keyAndValue.length() + 2;
    int length = rest + 1;
    while (String.valueOf(length).length() + rest != length) {
      length++;
    }
    return length + " " + keyAndValue + "\n";
  }

  public TarForge block(Block block) {
    return raw(block.bytes());
  }

  /// Content, padded to whole blocks.
  public TarForge content(byte[] content) {
    return raw(content).raw(new byte[-content.length & 511]);
  }

  public TarForge raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  /// What was forged so far.
  public byte[] bytes() {
    return out.toByteArray();
  }

  /// What was forged so far and the two zero blocks.
  public byte[] tar() {
    var bytes = out.toByteArray();
    return Arrays.copyOf(bytes, bytes.length + 1024);
  }
}
