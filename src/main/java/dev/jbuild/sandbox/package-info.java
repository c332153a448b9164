/// Runs one process in a root file system, kept away from everything else on the machine.
///
/// jbuild writes down the system calls that lie between itself and the step's own process
/// (StepCalls), and a small static program (StepProgram) makes them. Which calls these are is the
/// matter of the kind: [Namespaces]. Knows nothing of images, layers or Dockerfiles.
///
/// Door: [Sandbox#open].
@NullMarked
package dev.jbuild.sandbox;

import org.jspecify.annotations.NullMarked;
