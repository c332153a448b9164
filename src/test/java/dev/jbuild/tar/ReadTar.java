package dev.jbuild.tar;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// A tar read to its end, for tests.
///
/// @param contents of each entry
record ReadTar(List<TarEntry> entries, List<byte[]> contents) {

  static ReadTar of(TarForge forge) throws IOException {
    return of(forge.tar());
  }

  static ReadTar of(byte[] tar) throws IOException {
    return of(new ByteArrayInputStream(tar), TarLimits.DEFAULT);
  }

  static ReadTar of(InputStream tar, TarLimits limits) throws IOException {
    var reader = new TarReader(tar, limits);
    var entries = new ArrayList<TarEntry>();
    var contents = new ArrayList<byte[]>();
    for (var entry = reader.next(); entry != null; entry = reader.next()) {
      entries.add(entry);
      contents.add(reader.content().readAllBytes());
    }
    return new ReadTar(entries, contents);
  }

  TarEntry only() {
    if (entries.size() != 1) {
      throw new AssertionError("one entry expected: " + paths());
    }
    return entries.getFirst();
  }

  List<String> paths() {
    return entries.stream().map(entry -> entry.path().toString()).toList();
  }
}
