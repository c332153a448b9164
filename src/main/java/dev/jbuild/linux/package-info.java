/// The few system calls that the JDK lacks, through the Foreign Function API.
///
/// File names are bytes. Whatever works below a root file system starts from a [Directory] handle
/// and lets the kernel resolve links inside it (openat2 with RESOLVE_IN_ROOT), so there is no
/// moment between a check and a use. Nothing else in jbuild calls native code. [Workers] are the
/// threads for such calls.
@NullMarked
package dev.jbuild.linux;

import org.jspecify.annotations.NullMarked;
