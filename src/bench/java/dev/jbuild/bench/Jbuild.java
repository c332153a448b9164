package dev.jbuild.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// jbuild with a store of its own.
record Jbuild(Path program, Path store) implements Builder {

  @Override
  public String name() {
    return "jbuild";
  }

  @Override
  public String version() throws IOException, InterruptedException {
    return Shell.run(versionCommand());
  }

  @Override
  public List<String> versionCommand() {
    return List.of(program.toString(), "--version");
  }

  private List<String> command(String... words) {
    var all = new ArrayList<>(List.of(program.toString(), "--root", store.toString()));
    all.addAll(List.of(words));
    return all;
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
    return Shell.succeeds(id(image).toArray(String[]::new));
  }

  @Override
  public List<String> build(Path context, String image, boolean cached) {
    return cached
        ? command("build", "-q", "-t", image, context.toString())
        : command("build", "-q", "--no-cache", "-t", image, context.toString());
  }

  @Override
  public List<String> archive(String image, Path file) throws IOException {
    var context = Files.createDirectories(store.resolveSibling("archive-context"));
    Files.writeString(context.resolve("Dockerfile"), "FROM " + image + "\n");
    var output = "type=oci,dest=" + file + ",compression=uncompressed"; // save compresses
    return command("build", "-q", "-o", output, context.toString());
  }

  @Override
  public List<String> push(String image, String destination, boolean zstd) {
    return zstd
        ? command("push", "--compression", "zstd", image, destination)
        : command("push", image, destination);
  }

  @Override
  public List<String> pull(String image) {
    return command("pull", image);
  }

  /// Prints the ID of an image.
  List<String> id(String image) {
    return command("inspect", "--format", "{{.Id}}", image);
  }

  @Override
  public void remove(String image) throws IOException, InterruptedException {
    Shell.succeeds(command("rmi", image).toArray(String[]::new)); // there may be none yet
    Shell.run(command("prune", "--all", "--force"));
  }

  @Override
  public long diskBytes() throws IOException, InterruptedException {
    return Shell.diskBytes(store);
  }

  @Override
  public List<Long> daemons() {
    return List.of();
  }

  @Override
  public void reset() throws IOException, InterruptedException {
    Shell.run(List.of("rm", "-rf", store.toString()));
  }

  @Override
  public void close() throws IOException, InterruptedException {
    reset();
  }
}
