/// Everything that jbuild keeps: blobs, the names of images, cache records, unpacked trees.
///
/// The store is an OCI image layout (image-spec, image-layout.md) with directories of our own
/// beside `blobs/`. Whatever has a name in it is whole: content is written under `tmp/`, made
/// durable and renamed. Many processes may use one store; what one of them needs is safe from
/// another's prune as long as its [dev.jbuild.store.Lease] names it.
///
/// Door: [dev.jbuild.store.Store#open].
@NullMarked
package dev.jbuild.store;

import org.jspecify.annotations.NullMarked;
