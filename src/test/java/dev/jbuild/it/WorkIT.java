package dev.jbuild.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// How much a build does that has nothing to do, and what a list of images reads, counted in system
/// calls: time is no measure on a machine that others use. The limits are about one and a half
/// times of what was seen.
class WorkIT {

  private static final int FILES = 2000;
  private static final int STEPS = 10;

  @RegisterExtension final Workbench bench = new Workbench();

  /// What a traced command did.
  private static final class Work {

    private static final Pattern RESUMED =
        Pattern.compile("<\\.\\.\\. \\w+ resumed>(.*)", Pattern.DOTALL);
    private static final Pattern CALL = Pattern.compile("(\\w+)\\((.*)", Pattern.DOTALL);
    private static final Pattern RESULT = Pattern.compile(".* = (\\d+)(?:<(.*)>)?", Pattern.DOTALL);
    private static final Pattern FILE = Pattern.compile("\\d+<([^>]*)>.*", Pattern.DOTALL);

    private final Path context;
    private final Path store;
    private final Set<String> opened = new TreeSet<>();
    private final List<String> storeFiles = new ArrayList<>();
    private long read;
    private long written;
    private long looks;

    /// @param trace of strace -f -y
    Work(Path trace, Path context, Path store) throws IOException {
      this.context = context;
      this.store = store;
      var begun = new HashMap<String, String>();
      for (var line : Files.readAllLines(trace, StandardCharsets.ISO_8859_1)) {
        int blank = line.indexOf(' ');
        var thread = line.substring(0, blank);
        var text = line.substring(blank).strip();
        var resumed = RESUMED.matcher(text);
        if (resumed.matches()) {
          text = begun.remove(thread) + resumed.group(1);
        }
        if (text.endsWith("<unfinished ...>")) {
          begun.put(thread, text.substring(0, text.lastIndexOf('<')));
        } else {
          add(text);
        }
      }
    }

    private void add(String text) {
      var call = CALL.matcher(text);
      var result = RESULT.matcher(text);
      if (!call.matches() || !result.matches()) {
        return;
      }
      var name = call.group(1);
      if (name.startsWith("open") && result.group(2) != null) {
        open(Path.of(result.group(2)), text.contains("O_DIRECTORY"));
      }
      if (text.contains(store.toString()) || text.contains(context.toString())) {
        looks++;
      }
      var file = FILE.matcher(call.group(2));
      if (file.matches() && file.group(1).startsWith(store + "/")) {
        long bytes = Long.parseLong(result.group(1));
        switch (name) {
          case "read", "pread64" -> read += bytes;
          case "write", "pwrite64" -> written += bytes;
          default -> {}
        }
      }
    }

    private void open(Path file, boolean isDirectory) {
      if (file.startsWith(context) && !isDirectory) {
        opened.add(context.relativize(file).toString());
      }
      if (file.startsWith(store)) {
        storeFiles.add(store.relativize(file).toString());
      }
    }

    private void isAtMost(int files, long bytesRead, long bytesWritten, long calls) {
      assertTrue(storeFiles.size() <= files, () -> storeFiles.size() + " files: " + storeFiles);
      assertTrue(read <= bytesRead, () -> read + " bytes read");
      assertTrue(written <= bytesWritten, () -> written + " bytes written");
      assertTrue(looks <= calls, () -> looks + " system calls");
    }
  }

  private Work build() throws IOException {
    return traced("build", "-q", "-t", "it:1", "context");
  }

  private Work traced(String... command) throws IOException {
    var trace = trace(List.of("-y", "-s", "0", "-e", "trace=%file,%desc"), command);
    return new Work(trace, bench.context(), bench.store());
  }

  /// What strace writes of a command.
  private Path trace(List<String> options, String... command) throws IOException {
    var trace = bench.directory().resolve("trace");
    var words = new ArrayList<>(List.of("strace", "-f", "-qq", "-o", trace.toString()));
    words.addAll(options);
    words.addAll(bench.command(command));
    Tools.run(bench.directory(), Map.copyOf(bench.environment()), words).succeeds();
    return trace;
  }

  @Test
  void whatDidNotChangeIsLookedAtAndNotOpened() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.base();
    var dockerfile = new StringBuilder("FROM base\nWORKDIR /app\nCOPY src src\n");
    for (int i = 0; i < STEPS; i++) {
      dockerfile.append("RUN echo ").append(i).append(" > /f").append(i).append('\n');
    }
    bench.dockerfile(dockerfile.toString());
    bench.sh(
        "mkdir -p context/src && cd context/src && seq %d".formatted(FILES)
            + " | awk '{print > $1; close($1)}' && touch -d '1 hour ago' . *");
    bench.jbuild("build", "-t", "it:1", "context").succeeds();
    bench.jbuild("build", "-t", "it:1", "context").succeeds().saysOnError("12 of 12 steps cached");

    var again = build();
    assertEquals(Set.of("Dockerfile"), again.opened);
    again.isAtMost(100, 60_000 + 150 * FILES, 10_000, FILES + 1200);

    bench.sh("touch context/src/7");
    assertEquals(Set.of("Dockerfile", "src/7"), build().opened);

    bench.sh("echo another > context/src/7");
    assertEquals(Set.of("Dockerfile", "src/7"), build().opened, "the rest is in the layer before");
  }

  @Test
  void aListReadsWhatDescribesAnImageOnce() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.dockerfile("FROM scratch\nARG n\nLABEL n=$n\n");
    for (var name : List.of("it:1", "it:2", "it:3")) {
      bench.jbuild("build", "-t", name, "--build-arg", "n=" + name, "context").succeeds();
    }

    var blobs = new HashMap<String, Integer>();
    for (var file : traced("images").storeFiles) {
      if (file.startsWith("blobs/sha256/")) {
        blobs.merge(file, 1, Integer::sum);
      }
    }
    assertEquals(6, blobs.size(), "manifests and configs");
    // Opened twice means once: what lies at a path is looked at first, and read then.
    assertEquals(Set.of(2), Set.copyOf(blobs.values()), blobs::toString);
  }

  /// Each thread takes as long as to read some hundred files that are known.
  @Test
  void theSmallestBuildStartsTwoThreads() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    var trace = trace(List.of("-e", "trace=prctl"), "build", "-t", "it:1", "context");

    var names = new TreeSet<String>();
    var name = Pattern.compile("PR_SET_NAME, \"([a-z][^\"]*)\""); // Java's own begin otherwise
    name.matcher(Files.readString(trace)).results().forEach(each -> names.add(each.group(1)));
    assertEquals(Set.of("load-ahead", "records"), names);
  }

  /// For six files (the layer, its index, what went into it, config and manifest, the list of
  /// images), for the names of the blobs once, and for that of the list.
  @Test
  void theSmallestBuildWaitsForTheDiskEightTimes() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.dockerfile("FROM scratch\nCOPY Dockerfile /\n");
    bench.jbuild("build", "-t", "it:1", "context").succeeds();
    bench.dockerfile("FROM scratch\nCOPY Dockerfile /another\n");
    var options = List.of("-e", "trace=fsync,fdatasync,sync,syncfs,msync");
    var trace = Files.readString(trace(options, "build", "-t", "it:1", "context"));

    assertEquals(8, trace.lines().filter(line -> line.contains("sync(")).count(), trace);
  }

  /// What Java starts itself costs the first step as much as to read thousands of files: all jars
  /// are opened once more, and a program of Java's own is run in between.
  @Test
  void aStepIsStartedWithoutJavasHelp() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.base();
    bench.dockerfile("FROM base\nRUN echo made > /made\n");
    var options = List.of("-e", "trace=execve,openat", "-z");
    var trace = Files.readString(trace(options, "build", "-t", "it:1", "context"));

    var programs = Pattern.compile("execve\\(\"(?:[^\"]*/)?([^\"/]+)\"").matcher(trace).results();
    var names = programs.map(each -> each.group(1).replaceAll("[0-9]+", "N")).toList();
    assertEquals(List.of("jbuild", "java", "step-N-N", "sh"), names); // nor needs root another
    var opened = Pattern.compile("/([^\"/]+[.]jar)\"").matcher(trace).results();
    var jars = opened.map(each -> each.group(1)).toList();
    assertTrue(jars.contains("jbuild.jar"), trace);
    assertEquals(List.copyOf(new TreeSet<>(jars)), jars.stream().sorted().toList());
  }

  @Test
  void whereProcessesCannotBeWatchedJavaStartsThem() throws IOException {
    Tools.needRoot();
    Tools.need("strace");
    bench.base();
    bench.dockerfile("FROM base\nRUN echo made > /made\n");
    var options = List.of("-e", "trace=execve,pidfd_open", "-e", "inject=pidfd_open:error=ENOSYS");
    var trace = Files.readString(trace(options, "build", "-t", "it:1", "context"));

    assertTrue(trace.contains("jspawnhelper"), trace);
    bench.jbuild("run", "--rm", "it:1", "cat", "/made").succeeds().prints("made");
  }
}
