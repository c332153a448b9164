package dev.jbuild.sandbox;

/// What a step can reach.
public enum Network {
  /// The network of the machine, as jbuild itself sees it.
  HOST,
  /// Nothing but a loopback interface of its own; the machine's abstract sockets are out of reach.
  NONE
}
