package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// buildah with storage of its own on overlayfs.
record Buildah(Path directory, Peers peers) implements Builder {

  private static final String PROGRAM = "/usr/bin/buildah";

  static boolean isInstalled(Peers peers) {
    return peers.isInstalled(PROGRAM);
  }

  @Override
  public String name() {
    return "buildah";
  }

  @Override
  public String version() throws IOException, InterruptedException {
    return Shell.run(versionCommand());
  }

  @Override
  public List<String> versionCommand() {
    return peers.command(PROGRAM, "--version");
  }

  private List<String> command(String... words) {
    var all = peers.command(PROGRAM);
    all.addAll(List.of("--root", directory.resolve("root").toString()));
    all.addAll(List.of("--runroot", directory.resolve("run").toString()));
    all.addAll(List.of("--storage-driver", "overlay"));
    all.addAll(List.of(words));
    return all;
  }

  @Override
  public void base(Path tar) throws IOException, InterruptedException {
    for (var each : importTar(tar, "base:1")) {
      Shell.run(each);
    }
  }

  @Override
  public List<List<String>> importTar(Path tar, String image) {
    return List.of(
        command("from", "--name", "importing", "scratch"),
        command("add", "importing", tar.toString(), "/"),
        command("commit", "-q", "--rm", "importing", image));
  }

  @Override
  public boolean has(String image) throws InterruptedException {
    return Shell.succeeds(command("inspect", "--type", "image", image).toArray(String[]::new));
  }

  @Override
  public List<String> build(Path context, String image, boolean cached) {
    return command(
        "build",
        "-q",
        "--layers",
        "--pull=never",
        "--isolation",
        "chroot",
        "--ulimit=nofile=20000:20000", // its own defaults may be above what we may have
        "--ulimit=nproc=20000:20000",
        cached ? "--no-cache=false" : "--no-cache",
        "-t",
        image,
        context.toString());
  }

  @Override
  public List<String> archive(String image, Path file) {
    return command("push", "-q", "--disable-compression", image, "oci-archive:" + file);
  }

  @Override
  public List<String> push(String image, String destination, boolean zstd) {
    return command(
        "push",
        "-q",
        "--tls-verify=false",
        "--compression-format",
        zstd ? "zstd" : "gzip",
        image,
        "docker://" + destination);
  }

  @Override
  public List<String> pull(String image) {
    return command("pull", "-q", "--tls-verify=false", image);
  }

  @Override
  public void remove(String image) throws IOException, InterruptedException {
    Shell.succeeds(command("rmi", "-f", image).toArray(String[]::new)); // there may be none yet
    Shell.run(command("rmi", "--prune", "-f"));
  }

  @Override
  public long diskBytes() throws IOException, InterruptedException {
    return Shell.diskBytes(directory.resolve("root"));
  }

  @Override
  public List<Long> daemons() {
    return List.of();
  }

  @Override
  public void reset() throws IOException, InterruptedException {
    Shell.succeeds(command("rm", "-a").toArray(String[]::new));
    Shell.succeeds(command("rmi", "-a", "-f").toArray(String[]::new));
    Shell.succeeds("umount", directory.resolve("root/overlay").toString());
    Shell.run(List.of("rm", "-rf", directory.toString()));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    reset();
  }
}
