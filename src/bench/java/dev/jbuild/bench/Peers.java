package dev.jbuild.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Where the other builders are: on this machine, or in the root file system of another Debian,
/// which has newer ones. The script that starts the benchmark has mounted there what they need.
///
/// @param root empty for this machine's
record Peers(Optional<Path> root) {

  List<String> command(String... words) {
    var all = new ArrayList<String>();
    root.ifPresent(each -> all.addAll(List.of("chroot", each.toString())));
    all.addAll(List.of(words));
    return all;
  }

  boolean isInstalled(String program) {
    var inside = program.substring(1);
    return Files.isExecutable(root.orElse(Path.of("/")).resolve(inside));
  }
}
