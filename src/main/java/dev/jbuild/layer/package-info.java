/// Layers: a tree becomes a tar, and tars become a tree.
///
/// A layer is never unpacked to be read: its index says what is in it and where, and the merge of
/// the indexes of an image's layers *is* its file system. Only RUN needs real trees; this is the
/// only code that writes strangers' names to disk, always below a directory handle.
@NullMarked
package dev.jbuild.layer;

import org.jspecify.annotations.NullMarked;
