/// A small HTTP client: GET, with proxies, its own redirects, retries, limits, and errors that hold
/// no secret.
///
/// Door: [Fetcher]. The JDK's client is loaded when the first address is fetched, not before.
@NullMarked
package dev.jbuild.http;

import org.jspecify.annotations.NullMarked;
