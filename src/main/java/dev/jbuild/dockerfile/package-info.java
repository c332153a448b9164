/// Dockerfiles as text: from bytes to a tree of instructions, and words with their variables.
///
/// Knows syntax only. It never touches a file system, a network or an image; what an instruction
/// *means* is decided in `dev.jbuild.plan`.
///
/// Doors: [dev.jbuild.dockerfile.Dockerfile#parse] and [dev.jbuild.dockerfile.Expansion].
///
/// The way inside: `Parser` walks the lines, `LogicalLine` joins those of one instruction,
/// `Arguments` cuts it into keyword, flags and the rest, and `Keyword` knows who makes the
/// [dev.jbuild.dockerfile.Instruction] of it.
@NullMarked
package dev.jbuild.dockerfile;

import org.jspecify.annotations.NullMarked;
