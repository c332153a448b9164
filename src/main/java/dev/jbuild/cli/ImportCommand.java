package dev.jbuild.cli;

import dev.jbuild.build.ImportRequest;
import dev.jbuild.build.Importer;
import dev.jbuild.build.WebImport;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.http.Fetcher;
import dev.jbuild.http.WebAddress;
import dev.jbuild.image.Platform;
import dev.jbuild.image.Reference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Locale;
import java.util.Optional;

/// `jbuild import`.
final class ImportCommand implements Command {

  @Override
  public Syntax syntax() {
    return new Syntax(
            "import",
            "[OPTIONS] TAR|DIR|URL|- [NAME[:TAG]]",
            "Make an image of one layer from a root file system: a tar (also gzip, xz, zstd or"
                + " bzip2) in a file, at a web address, or with - on standard input; or a"
                + " directory.",
            "  debootstrap bookworm root && tar -C root -c . | jbuild import - debian:bookworm")
        .values(
            "INSTRUCTION",
            "A Dockerfile instruction for the config, as 'CMD [\"bash\"]'.",
            "-c",
            "--change")
        .value("TEXT", "A comment for the history.", "-m", "--message")
        .value("OS/ARCH", "What the image is for (default: this machine).", "--platform")
        .flag("Print nothing but the image ID.", "-q", "--quiet")
        .arguments("SOURCE", "1..2");
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var source = options.argument("a tar, a directory, a web address or -");
    var name =
        options.arguments().size() > 1
            ? Optional.of(Names.tag(options.arguments().get(1)))
            : Optional.<Reference>empty();
    var platform = options.value("--platform").map(ImportCommand::platform).orElse(Platform.host());
    var request =
        new ImportRequest(
            name,
            platform,
            options.values("--change"),
            options.value("--message"),
            Epoch.of(session.environment()));
    return StoreWork.run(
        session,
        store -> {
          var importer = new Importer(store, Clock.systemUTC());
          var result =
              source.equals("-")
                  ? importer.tar("standard input", System.in, request)
                  : isWeb(source)
                      ? fetched(importer, source, request, session)
                      : from(importer, Path.of(source), request);
          result.warnings().forEach(session.console()::warning);
          session.console().result(result.imageId().toString());
          return 0;
        });
  }

  private static boolean isWeb(String source) {
    var lower = source.toLowerCase(Locale.ROOT);
    return lower.startsWith("http://") || lower.startsWith("https://");
  }

  private static Importer.Result fetched(
      Importer importer, String address, ImportRequest request, Session session)
      throws IOException, InterruptedException {
    try (var fetcher = new Fetcher(session.environment());
        var web = new WebImport(importer, fetcher)) {
      return web.run(WebAddress.parse(address), request);
    }
  }

  private static Importer.Result from(Importer importer, Path source, ImportRequest request)
      throws IOException {
    if (Files.isDirectory(source)) {
      return importer.directory(source, request);
    }
    if (!Files.isReadable(source)) {
      throw BuildFailure.of(
              BuildFailure.Kind.CONTEXT,
              Printable.of(source.toString())
                  + (Files.exists(source) ? " cannot be read" : " does not exist"))
          .hint("name a tar, a directory, a web address, or - for a tar on standard input");
    }
    try (var in = Files.newInputStream(source)) {
      return importer.tar(source.toString(), in, request);
    }
  }

  private static Platform platform(String text) {
    try {
      return Platform.parse(text);
    } catch (IllegalArgumentException e) {
      throw Options.usage("--platform: " + e.getMessage()).hint("write it as linux/amd64");
    }
  }
}
