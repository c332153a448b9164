/// What COPY and ADD can see: a directory of the host, ignore rules, selections of files.
///
/// Doors: [SourceTree] is anything that files can be copied from, [LocalContext#open] is the
/// directory named on the command line, [Selection#of] is what a list of sources stands for, and
/// [InputManifest] is what of it a cache key is made from. Names are bytes throughout; no link is
/// ever followed out of its tree, because links are resolved here, by looking names up in the
/// tree, and never by the host (CVE-2018-15664, CVE-2024-1753, GHSA-49p4-px3h-rq49).
@NullMarked
package dev.jbuild.context;

import org.jspecify.annotations.NullMarked;
