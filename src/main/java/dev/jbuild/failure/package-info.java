/// What a person reads when something goes wrong, and the text it is made of; how a failure comes
/// from one thread to another.
///
/// Every package may use this one; it uses none.
///
/// Doors: [dev.jbuild.failure.BuildFailure], [dev.jbuild.failure.Source],
/// [dev.jbuild.failure.Printable], [dev.jbuild.failure.Utf8],
/// [dev.jbuild.failure.ThrownElsewhere].
@NullMarked
package dev.jbuild.failure;

import org.jspecify.annotations.NullMarked;
