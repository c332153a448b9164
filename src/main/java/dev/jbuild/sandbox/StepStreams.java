package dev.jbuild.sandbox;

import dev.jbuild.linux.WindowSize;

/// Where a step's output goes. What it reads is [StepSpec#input].
public sealed interface StepStreams {

  /// Standard output and standard error, in the order of writing.
  record Merged(StepOutput output) implements StepStreams {}

  /// Each by itself, so that their order is lost.
  record Apart(StepOutput output, StepOutput errors) implements StepStreams {}

  /// A pseudo-terminal of the step's own is its standard input, output and error, and its
  /// controlling terminal. `output` is what that shows.
  record Terminal(StepOutput output, WindowSize size) implements StepStreams {}
}
