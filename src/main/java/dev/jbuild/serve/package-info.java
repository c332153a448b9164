/// The registry that jbuild serves: the OCI distribution specification 1.1, server side, and the
/// page that a browser sees.
///
/// What is served lies behind [dev.jbuild.serve.Content]: a data directory of its own, or jbuild's
/// store. HTTP is spoken by [dev.jbuild.serve.Listener] and [dev.jbuild.serve.Connection]; what a
/// request means is decided by the endpoints.
///
/// Door: [dev.jbuild.serve.Registry#start].
@NullMarked
package dev.jbuild.serve;

import org.jspecify.annotations.NullMarked;
