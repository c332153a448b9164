package dev.jbuild.context;

/// What names of one file have in common: two entries of a tree are hard links of each other
/// exactly when they have equal keys. The numbers mean something to their tree only.
public record HardLinkKey(long space, long number) {}
