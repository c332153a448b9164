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
  private static final String CLIENT = "/usr/bin/docker";
  private static final String DAEMON = "/usr/sbin/dockerd";

  /// In the root $1 there is the one hierarchy of control groups that the daemon can use.
  private static final String CGROUPS =
      "cgroups=$1/sys/fs/cgroup; umount -l $cgroups; mount -t cgroup2 none $cgroups;"
          + " shift; exec \"$@\"";

  private final Path directory;
  private final Peers peers;
  private final Process daemon;

  private Docker(Path directory, Peers peers, Process daemon) {
    this.directory = directory;
    this.peers = peers;
    this.daemon = daemon;
  }

  static boolean isInstalled(Peers peers) {
    return peers.isInstalled(DAEMON) && peers.isInstalled(CLIENT);
  }

  /// Starts the daemon in a mount namespace, where it finds the one hierarchy of control groups
  /// that it can use.
  static Docker start(Path directory, Peers peers) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    var command =
        new ArrayList<>(
            List.of("unshare", "--mount", "--propagation", "private", "sh", "-c", CGROUPS, "sh"));
    command.add(peers.root().map(Path::toString).orElse(""));
    command.addAll(peers.command(DAEMON, "-H", "unix://" + directory.resolve("sock")));
    command.addAll(List.of("--data-root", directory.resolve("data").toString()));
    command.addAll(List.of("--exec-root", directory.resolve("exec").toString()));
    command.addAll(List.of("-p", directory.resolve("pid").toString()));
    command.addAll(List.of("--iptables=false", "--ip6tables=false", "--bridge=none"));
    command.addAll(List.of("--default-ulimit", "nofile=20000:20000"));
    var daemon =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    var docker = new Docker(directory, peers, daemon);
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
    var all = new ArrayList<>(List.of("env", "DOCKER_BUILDKIT=1"));
    all.addAll(peers.command(CLIENT));
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
    return peers.command(CLIENT, "--version");
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
  public boolean has(String image) throws InterruptedException {
    return Shell.succeeds(command("image", "inspect", image).toArray(String[]::new));
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
