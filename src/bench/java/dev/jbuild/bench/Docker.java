package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// BuildKit, as the docker daemon of the machine has it: a daemon of our own, started for the run
/// and ended after it.
final class Docker implements Builder {

  private static final int START_SECONDS = 60;

  private final Path directory;
  private final Process daemon;

  private Docker(Path directory, Process daemon) {
    this.directory = directory;
    this.daemon = daemon;
  }

  static boolean isInstalled() {
    return Files.isExecutable(Path.of("/usr/sbin/dockerd"))
        && Files.isExecutable(Path.of("/usr/bin/docker"));
  }

  /// Starts the daemon in a mount namespace, where it finds the one hierarchy of control groups
  /// that it can use.
  static Docker start(Path directory) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    var script =
        "umount -l /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup; exec dockerd"
            + " -H unix://$1/sock --data-root $1/data --exec-root $1/exec -p $1/pid"
            + " --iptables=false --ip6tables=false --bridge=none"
            + " --default-ulimit nofile=20000:20000";
    var command =
        List.of(
            "unshare",
            "--mount",
            "--propagation",
            "private",
            "sh",
            "-c",
            script,
            "sh",
            directory.toString());
    var daemon =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    var docker = new Docker(directory, daemon);
    for (int i = 0; i < START_SECONDS; i++) {
      if (Shell.succeeds(docker.command("version").toArray(String[]::new))) {
        return docker;
      }
      Thread.sleep(1000);
    }
    docker.close();
    throw new IllegalStateException(
        "dockerd does not answer:\n" + Files.readString(directory.resolve("log")));
  }

  private List<String> command(String... words) {
    var all = new ArrayList<>(List.of("env", "DOCKER_BUILDKIT=1", "/usr/bin/docker"));
    all.addAll(List.of("-H", "unix://" + directory.resolve("sock")));
    all.addAll(List.of(words));
    return all;
  }

  @Override
  public String name() {
    return "BuildKit";
  }

  @Override
  public String version() throws IOException, InterruptedException {
    return "docker " + Shell.run(command("version", "--format", "{{.Server.Version}}"));
  }

  @Override
  public List<String> versionCommand() {
    return List.of("/usr/bin/docker", "--version");
  }

  @Override
  public void base(Path tar) throws IOException, InterruptedException {
    Shell.run(command("import", tar.toString(), "base:1"));
  }

  @Override
  public List<List<String>> importTar(Path tar, String image) {
    return List.of(command("import", tar.toString(), image));
  }

  @Override
  public List<String> build(Path context, String image, boolean cached) {
    var all = command("build", "-q", "--network", "none", "-t", image);
    if (!cached) {
      all.add("--no-cache");
    }
    all.add(context.toString());
    return all;
  }

  @Override
  public List<String> archive(String image, Path file) {
    return command("save", "-o", file.toString(), image);
  }

  @Override
  public List<String> push(String image, String destination, boolean zstd) {
    return command("push", "-q", destination);
  }

  @Override
  public List<String> pull(String image) {
    return command("pull", "-q", image);
  }

  /// Gives an image the name under which docker pushes it.
  void tag(String image, String name) throws IOException, InterruptedException {
    Shell.run(command("tag", image, name));
  }

  @Override
  public void remove(String image) throws IOException, InterruptedException {
    Shell.run(command("rmi", "-f", image));
    Shell.run(command("builder", "prune", "-a", "-f"));
  }

  @Override
  public long diskBytes() throws IOException, InterruptedException {
    return Shell.diskBytes(directory.resolve("data"));
  }

  @Override
  public List<Long> daemons() {
    var all = new ArrayList<>(List.of(daemon.pid()));
    daemon.descendants().map(ProcessHandle::pid).forEach(all::add);
    return all;
  }

  @Override
  public void reset() throws IOException, InterruptedException {
    Shell.run(command("system", "prune", "-a", "-f"));
    Shell.run(command("builder", "prune", "-a", "-f"));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    var descendants = daemon.descendants().toList();
    daemon.destroy();
    daemon.waitFor();
    descendants.forEach(ProcessHandle::destroy);
    Shell.run(List.of("rm", "-rf", directory.toString()));
  }
}
