/// What a Dockerfile means: from its instructions, the build arguments and the configs of the base
/// images to a graph of stages and steps in which every variable is resolved.
///
/// Pure: no clock, no file, no network, no environment; the same question has the same answer.
///
/// Door: [dev.jbuild.plan.Planner].
@NullMarked
package dev.jbuild.plan;

import org.jspecify.annotations.NullMarked;
