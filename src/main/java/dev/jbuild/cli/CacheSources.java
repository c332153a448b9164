package dev.jbuild.cli;

import dev.jbuild.build.CachePlace;
import java.util.List;

/// Where steps are looked for beside the store: `--cache-from`.
final class CacheSources {

  private final List<CacheFields.Source> wanted;

  private CacheSources(List<CacheFields.Source> wanted) {
    this.wanted = List.copyOf(wanted);
  }

  static CacheSources parse(List<String> values) {
    return new CacheSources(
        values.stream().map(value -> CacheFields.source("--cache-from", value)).toList());
  }

  List<CachePlace> places() {
    return wanted.stream().map(CacheFields.Source::place).toList();
  }

  /// Those that are spoken to without asking for certificates.
  List<CachePlace> insecure() {
    return wanted.stream()
        .filter(CacheFields.Source::insecure)
        .map(CacheFields.Source::place)
        .toList();
  }
}
