/// Runs one process in a root file system, kept away from everything else on the machine.
///
/// The kind that stands here is *namespaces*: jbuild writes down the system calls that lie between
/// new namespaces and the step's own process (StepCalls), and a small static program
/// (StepProgram) makes them. Knows nothing of images, layers or Dockerfiles.
///
/// Door: [Namespaces#run].
@NullMarked
package dev.jbuild.sandbox;

import org.jspecify.annotations.NullMarked;
