package dev.jbuild.context;

import dev.jbuild.tar.ArchivePath;

/// A file that a selection found, and the name under which it is copied.
///
/// @param path relative to wherever the selection is copied to
public record Found(ArchivePath path, SourceEntry entry) {}
