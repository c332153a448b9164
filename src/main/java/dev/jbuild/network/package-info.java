/// The JDK's network client, which only classes of the class path see: jbuild's others are on
/// Java's boot class path (docs/decisions/0015-snapshot.md), so this package has a jar of its own.
///
/// Door: none. [dev.jbuild.http.WebClient] finds it by name.
@NullMarked
package dev.jbuild.network;

import org.jspecify.annotations.NullMarked;
