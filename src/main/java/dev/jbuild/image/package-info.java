/// The OCI and Docker data model: digests, descriptors, manifests, indexes, configs, references.
///
/// Strict in, byte-stable out. Knows nothing of where images are kept.
@NullMarked
package dev.jbuild.image;

import org.jspecify.annotations.NullMarked;
