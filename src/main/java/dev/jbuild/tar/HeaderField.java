package dev.jbuild.tar;

/// Where the fields of a header block are (POSIX.1-2024, pax, ustar Interchange Format), and those
/// that old GNU tar put where ustar has its prefix.
enum HeaderField {
  NAME(0, 100),
  MODE(100, 8),
  UID(108, 8),
  GID(116, 8),
  SIZE(124, 12),
  MTIME(136, 12),
  CHECKSUM(148, 8),
  TYPE(156, 1),
  LINK_NAME(157, 100),
  MAGIC(257, 8),
  MAJOR(329, 8),
  MINOR(337, 8),
  PREFIX(345, 155),
  GNU_SPARSE(386, 96),
  GNU_EXTENDED(482, 1),
  GNU_REAL_SIZE(483, 12);

  final int start;
  final int length;

  HeaderField(int start, int length) {
    this.start = start;
    this.length = length;
  }

  /// How a message calls it.
  String label() {
    return switch (this) {
      case NAME -> "name";
      case MODE -> "mode";
      case UID -> "uid";
      case GID -> "gid";
      case SIZE -> "size";
      case MTIME -> "mtime";
      case CHECKSUM -> "checksum";
      case TYPE -> "type";
      case LINK_NAME -> "link name";
      case MAGIC -> "magic";
      case MAJOR -> "device major";
      case MINOR -> "device minor";
      case PREFIX -> "prefix";
      case GNU_SPARSE -> "sparse map";
      case GNU_EXTENDED -> "sparse continuation";
      case GNU_REAL_SIZE -> "sparse size";
    };
  }
}
