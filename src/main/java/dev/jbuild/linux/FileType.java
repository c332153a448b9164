package dev.jbuild.linux;

/// What a file is (stat(2), the S_IFMT bits).
public enum FileType {
  FILE(0100000, 8, "regular file"),
  DIRECTORY(0040000, 4, "directory"),
  SYMLINK(0120000, 10, "symbolic link"),
  CHARACTER(0020000, 2, "character device"),
  BLOCK(0060000, 6, "block device"),
  FIFO(0010000, 1, "FIFO"),
  SOCKET(0140000, 12, "socket"),
  UNKNOWN(0, 0, "file of an unknown type");

  private static final FileType[] ALL = values();

  private final int mode;
  private final int dirent;
  private final String text;

  FileType(int mode, int dirent, String text) {
    this.mode = mode;
    this.dirent = dirent;
    this.text = text;
  }

  /// What a message calls it, without an article: `directory`.
  public String text() {
    return text;
  }

  /// The S_IFMT bits, for mknod.
  public int mode() {
    return mode;
  }

  static FileType ofMode(int bits) {
    for (var type : ALL) {
      if (type.mode == bits) {
        return type;
      }
    }
    return UNKNOWN;
  }

  /// From d_type of getdents64(2).
  static FileType ofDirent(int dirent) {
    for (var type : ALL) {
      if (type.dirent == dirent) {
        return type;
      }
    }
    return UNKNOWN;
  }
}
