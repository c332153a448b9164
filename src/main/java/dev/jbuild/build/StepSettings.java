package dev.jbuild.build;

import dev.jbuild.sandbox.Network;

/// What the command line gives to all RUN steps of a build, or keeps from them.
///
/// @param network the most that a step may reach
/// @param secrets for those who ask for them
public record StepSettings(Network network, Secrets secrets) {}
