package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;

/// An instruction of a stage: its own, or one that ONBUILD of its base put before them.
///
/// @param escape the escape character of the text it stands in
record Placed(Instruction instruction, char escape, boolean triggered) {}
