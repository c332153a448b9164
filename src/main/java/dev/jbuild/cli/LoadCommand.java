package dev.jbuild.cli;

import dev.jbuild.archive.ImageReader;
import dev.jbuild.archive.NamedImage;
import dev.jbuild.console.Console;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.linux.Machine;
import dev.jbuild.store.Store;
import dev.jbuild.store.WrongContentException;
import dev.jbuild.tar.TarFormatException;
import dev.jbuild.tar.TarLimits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// `jbuild load`.
final class LoadCommand implements Command {

  private static final int STANDARD_INPUT = 0;

  private final InputStream input;
  private final BooleanSupplier fromTerminal;

  LoadCommand() {
    this(System.in, () -> Machine.isTerminal(STANDARD_INPUT));
  }

  /// @param fromTerminal whether `input` is a terminal
  LoadCommand(InputStream input, BooleanSupplier fromTerminal) {
    this.input = input;
    this.fromTerminal = fromTerminal;
  }

  @Override
  public Syntax syntax() {
    return new Syntax(
            "load",
            "[OPTIONS]",
            "Read images from an archive: of docker save or of OCI, compressed or not, or an OCI"
                + " layout directory.",
            "  docker save hello:1 | jbuild load")
        .value("FILE", "Read FILE instead of standard input.", "-i", "--input")
        .flag("Accepted: there is no progress bar.", "-q", "--quiet");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var file = options.value("--input").filter(name -> !name.equals("-")).map(Path::of);
    if (file.isEmpty() && fromTerminal.getAsBoolean()) {
      throw Options.usage("there is no archive on standard input, which is a terminal")
          .hint("name a file with -i, or send an archive: jbuild load < image.tar");
    }
    if (file.isPresent() && !Files.isReadable(file.get())) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              Printable.of(file.get().toString())
                  + (Files.exists(file.get()) ? " cannot be read" : " does not exist"))
          .hint("name an archive, or a directory that is an OCI layout");
    }
    return StoreWork.run(
        session,
        store -> {
          for (var image : load(store, file)) {
            tell(new StoredImages(store), image, session.console());
          }
          return 0;
        });
  }

  private List<NamedImage> load(Store store, Optional<Path> file) throws IOException {
    var reader = new ImageReader(store, TarLimits.DEFAULT);
    try {
      return file.isPresent() ? reader.load(file.get()) : reader.load(input);
    } catch (ImageFormatException | TarFormatException | WrongContentException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.CONTEXT,
          Printable.of(file.map(Path::toString).orElse("standard input"))
              + " cannot be loaded: "
              + Printable.of(String.valueOf(e.getMessage())),
          e);
    }
  }

  private static void tell(StoredImages images, NamedImage image, Console console)
      throws IOException {
    for (var name : image.names()) {
      console.result("Loaded image: " + name.familiar());
    }
    if (image.names().isEmpty()) {
      console.result("Loaded image ID: " + images.id(image.descriptor()));
    }
  }
}
