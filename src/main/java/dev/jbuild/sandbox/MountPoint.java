package dev.jbuild.sandbox;

/// A path of the root file system that must exist when a step starts, since something is mounted
/// there.
///
/// @param path absolute, as [dev.jbuild.failure.Utf8] text; links in it are followed inside the
///     root, but for /proc, /sys and /dev, which must be real directories
/// @param isDirectory whether a directory is needed, else a regular file
public record MountPoint(String path, boolean isDirectory) {}
