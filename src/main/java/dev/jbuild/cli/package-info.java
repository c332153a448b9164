/// The commands: options in, exit codes and text out. The only place that parses arguments or
/// exits.
///
/// Each command is one class, which alone is loaded when it is asked for; [dev.jbuild.cli.Commands]
/// lists them.
@NullMarked
package dev.jbuild.cli;

import org.jspecify.annotations.NullMarked;
