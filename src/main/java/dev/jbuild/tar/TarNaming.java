package dev.jbuild.tar;

import dev.jbuild.failure.Printable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// What an entry and its link are called, of the places where a tar may say it.
///
/// A PAX header wins over the block itself. GNU tar lets it win over a GNU long name too, others
/// the other way round: both at once are refused unless they agree.
final class TarNaming {

  private final TarLimits limits;
  private byte @Nullable [] longName;
  private byte @Nullable [] longLink;

  TarNaming(TarLimits limits) {
    this.limits = limits;
  }

  void reset() {
    longName = null;
    longLink = null;
  }

  /// Whether no GNU header came before the entry.
  boolean isEmpty() {
    return longName == null && longLink == null;
  }

  void longName(byte[] content, long offset) throws TarFormatException {
    if (longName != null) {
      throw TarFormatException.at(offset, "two long names for one entry");
    }
    longName = text(content, offset);
  }

  void longLink(byte[] content, long offset) throws TarFormatException {
    if (longLink != null) {
      throw TarFormatException.at(offset, "two long link names for one entry");
    }
    longLink = text(content, offset);
  }

  /// What stands before the NULs at the end.
  private static byte[] text(byte[] content, long offset) throws TarFormatException {
    int end = 0;
    while (end < content.length && content[end] != 0) {
      end++;
    }
    for (int i = end; i < content.length; i++) {
      if (content[i] != 0) {
        throw TarFormatException.at(offset, "a long name holds a NUL byte");
      }
    }
    return Arrays.copyOf(content, end);
  }

  byte[] path(TarHeader header, PaxRecords pax) {
    var sparse = pax.sparse();
    var real = sparse == null ? null : sparse.name();
    var name = one(real != null ? real : pax.path(), longName);
    return within(name != null ? name : header.name());
  }

  /// Where a link points; never empty.
  byte[] target(TarHeader header, PaxRecords pax) {
    var name = one(pax.linkPath(), longLink);
    var target = within(name != null ? name : header.linkName());
    if (target.length == 0) {
      throw new IllegalArgumentException("a link without a target");
    }
    return target;
  }

  private static byte @Nullable [] one(byte @Nullable [] pax, byte @Nullable [] gnu) {
    if (pax != null && gnu != null && !Arrays.equals(pax, gnu)) {
      throw new IllegalArgumentException(
          "two names for one thing: \"" + Printable.of(pax) + "\", \"" + Printable.of(gnu) + "\"");
    }
    return pax != null ? pax : gnu;
  }

  private byte[] within(byte[] name) {
    if (name.length > limits.maxName()) {
      throw new IllegalArgumentException(
          "a name of " + name.length + " bytes is more than is accepted");
    }
    return name;
  }
}
