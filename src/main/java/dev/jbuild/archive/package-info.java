/// Images in and out of files: OCI layouts and archives, docker archives.
///
/// Doors: [OciArchive] and [DockerArchive] write, [ImageReader] reads. Nothing here touches a root
/// file system; layers stay closed.
@NullMarked
package dev.jbuild.archive;

import org.jspecify.annotations.NullMarked;
