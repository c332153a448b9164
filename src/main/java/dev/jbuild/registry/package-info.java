/// The distribution protocol, client side (OCI distribution-spec 1.1, Docker's registry v2).
///
/// Doors: [Registries], which knows how each registry wants to be spoken to; [Puller] and [Pusher],
/// which move images; [Logins]. Nothing here is loaded by a command that speaks to no registry.
@NullMarked
package dev.jbuild.registry;

import org.jspecify.annotations.NullMarked;
