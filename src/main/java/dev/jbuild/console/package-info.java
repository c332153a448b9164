/// Everything printed: build events as data, and who shows them.
///
/// Results go to standard output, everything else to standard error. Strangers' bytes are made
/// harmless here: what a step prints can neither move the cursor nor forge a line.
@NullMarked
package dev.jbuild.console;

import org.jspecify.annotations.NullMarked;
