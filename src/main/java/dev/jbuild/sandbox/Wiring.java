package dev.jbuild.sandbox;

import dev.jbuild.linux.Mounts;
import dev.jbuild.linux.NamedPipe;
import dev.jbuild.linux.PseudoTerminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What connects a step with jbuild, beside the three pipes that a process can be started with:
/// made before it starts, closed when it is gone.
sealed interface Wiring extends AutoCloseable {

  /// @param directory of jbuild's own, in which nothing is left once it is closed
  static Wiring of(StepStreams streams, Path directory, Kernel kernel) throws IOException {
    return switch (streams) {
      case StepStreams.Merged(var output) -> new Plain(output);
      case StepStreams.Apart(var output, var errors) -> Apart.make(output, errors, directory);
      case StepStreams.Terminal terminal -> Terminal.make(terminal, directory, kernel);
    };
  }

  /// The same where nothing can be mounted: a terminal is one of the machine's.
  static Wiring withoutMounts(StepStreams streams, Path directory, Kernel kernel)
      throws IOException {
    return streams instanceof StepStreams.Terminal terminal
        ? Terminal.ofMachine(terminal)
        : of(streams, directory, kernel);
  }

  /// Lets the ends of what the step writes come; its processes are gone.
  void release();

  @Override
  void close() throws IOException;

  /// The pipes are enough.
  record Plain(StepOutput output) implements Wiring {
    @Override
    public void release() {}

    @Override
    public void close() {}
  }

  /// A pipe with a name for standard error.
  record Apart(StepOutput output, StepOutput errors, NamedPipe pipe, Path place) implements Wiring {

    private static final String PIPE = "pipe";

    private static Apart make(StepOutput output, StepOutput errors, Path directory)
        throws IOException {
      var place = Files.createTempDirectory(directory, "errors-");
      try {
        return new Apart(output, errors, NamedPipe.make(place, PIPE), place);
      } catch (IOException e) {
        remove(place);
        throw e;
      }
    }

    /// Where the step finds it.
    Path path() {
      return place.resolve(PIPE);
    }

    @Override
    public void release() {
      pipe.releaseWriter();
    }

    @Override
    public void close() throws IOException {
      pipe.close();
      remove(place);
    }

    private static void remove(Path place) throws IOException {
      Files.deleteIfExists(place.resolve(PIPE));
      Files.delete(place);
    }
  }

  /// A pseudo-terminal, in an instance of devpts that only the step sees: no other terminal of the
  /// machine is in it, and its name is the one that the step finds below /dev/pts.
  ///
  /// @param own where that instance is mounted; empty: the terminal is among the machine's, and is
  ///     opened before the step's root is entered, where it has no name
  record Terminal(StepOutput output, PseudoTerminal terminal, Optional<Path> own)
      implements Wiring {

    private static final Path MACHINE = Path.of("/dev/pts");

    private static Terminal ofMachine(StepStreams.Terminal wanted) throws IOException {
      var terminal = PseudoTerminal.open(MACHINE);
      terminal.resize(wanted.size());
      return new Terminal(wanted.output(), terminal, Optional.empty());
    }

    private static Terminal make(StepStreams.Terminal wanted, Path directory, Kernel kernel)
        throws IOException {
      var instance = Files.createTempDirectory(directory, "terminals-");
      try {
        Mounts.terminals(instance, kernel.groups().contains(RootCalls.TTY_GROUP));
      } catch (IOException e) {
        Files.delete(instance);
        throw e;
      }
      try {
        var terminal = PseudoTerminal.open(instance);
        terminal.resize(wanted.size());
        return new Terminal(wanted.output(), terminal, Optional.of(instance));
      } catch (IOException e) {
        remove(instance);
        throw e;
      }
    }

    /// Where the instance is mounted that the step has for itself.
    Path instance() {
      return own.orElseThrow();
    }

    /// The path of the slave, in the step or among the machine's.
    String slave() {
      return "/dev/pts/" + terminal.number();
    }

    @Override
    public void release() {
      terminal.releaseSlave();
    }

    @Override
    public void close() throws IOException {
      terminal.close();
      if (own.isPresent()) {
        remove(own.get());
      }
    }

    private static void remove(Path instance) throws IOException {
      Mounts.detach(instance);
      Files.delete(instance);
    }
  }
}
