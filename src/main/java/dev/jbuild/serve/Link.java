package dev.jbuild.serve;

/// What a manifest says of another blob or manifest.
///
/// @param foreign whether it may be had elsewhere only: a layer that must not be distributed, or
///     one with addresses of its own
record Link(String mediaType, ContentDigest digest, long size, boolean foreign) {}
