/// Runs a plan: resolves bases, schedules steps, asks the cache, makes layers, assembles the image.
/// Also what else makes or runs an image: import, run.
@NullMarked
package dev.jbuild.build;

import org.jspecify.annotations.NullMarked;
