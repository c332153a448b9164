package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.image.Platform;
import java.util.List;
import java.util.Optional;

/// A stage whose FROM is understood and whose instructions are not yet.
///
/// @param base what it begins with; never the build context
/// @param baseText what FROM names, variables replaced
/// @param platform `--platform`, if given
/// @param unnamed whether its FROM names no image without a build argument that is not given: its
///     base stands for any image (lint runs only)
/// @param replaced whether a named context stands in for the whole stage
/// @param instructions those that the file has for it; none if it is replaced
record StageDraft(
    int index,
    Instruction.From from,
    Origin base,
    String baseText,
    Optional<Platform> platform,
    boolean unnamed,
    boolean replaced,
    List<Instruction> instructions) {

  StageDraft {
    instructions = List.copyOf(instructions);
  }

  Optional<String> name() {
    return from.name().map(Instruction.StageName::text);
  }

  String displayName() {
    return name().orElse("stage-" + index);
  }
}
