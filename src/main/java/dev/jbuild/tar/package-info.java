/// Byte-exact tar, and the compressions around it: read with limits, written deterministically.
///
/// Names are bytes, so the codec is ours. Nothing here touches a file system.
///
/// Doors: [TarReader], [TarWriter], [Compression].
@NullMarked
package dev.jbuild.tar;

import org.jspecify.annotations.NullMarked;
