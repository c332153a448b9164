package dev.jbuild.plan;

/// WORKDIR: the directory and its missing parents are made, mode 0755, owned by `user`.
///
/// @param directory absolute, clean, without a slash at the end unless it is the root
/// @param user as USER has it; empty for root
public record WorkdirStep(Head head, String directory, String user) implements Step {}
