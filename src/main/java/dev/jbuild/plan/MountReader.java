package dev.jbuild.plan;

import dev.jbuild.dockerfile.Instruction;
import dev.jbuild.dockerfile.Word;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Span;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One `--mount` of RUN: which options belong to which type, and their defaults.
final class MountReader {

  private static final Pattern SIZE =
      Pattern.compile("([0-9]{1,18}(?:\\.[0-9]{1,9})?) ?([kmgtp]?)(?:i?b)?");

  private final StageTable table;
  private final StageState state;
  private final Instruction.Mount mount;

  MountReader(StageTable table, StageState state, Instruction.Mount mount) {
    this.table = table;
    this.state = state;
    this.mount = mount;
  }

  /// The mount, with all variables replaced.
  ///
  /// @param namespace what the ids of caches begin with, if anything
  /// @param sockets how many agent sockets the step has already
  /// @throws BuildFailure at the option that is wrong
  RunMount read(String namespace, int sockets) {
    var type = option("type").map(state::expand).orElse("bind").toLowerCase(Locale.ROOT);
    checkOptions(type);
    return switch (type) {
      case "bind" ->
          new RunMount.Bind(
              span(), origin(new Origin.Context()), source(), target(), writable(false));
      case "cache" -> cache(namespace);
      case "tmpfs" -> new RunMount.Tmpfs(span(), target(), size(), writable(true));
      case "secret" -> secret();
      case "ssh" -> ssh(sockets);
      default ->
          throw Mistake.at(
                  option("type").map(Word::span).orElse(span()),
                  "RUN --mount: \"" + Printable.of(type) + "\" is not a type")
              .hint("types are bind, cache, tmpfs, secret and ssh");
    };
  }

  private Span span() {
    return mount.span();
  }

  /// The last option with one of the names.
  private Optional<Word> option(String... names) {
    @Nullable Word found = null;
    for (var option : mount.options()) {
      for (var name : names) {
        if (option.key().equals(name)) {
          found = option.value();
        }
      }
    }
    return Optional.ofNullable(found);
  }

  private String value(String... names) {
    return option(names).map(state::expand).orElse("");
  }

  private void checkOptions(String type) {
    for (var option : mount.options()) {
      var types =
          switch (option.key()) {
            case "mode", "uid", "gid" -> "secret ssh cache";
            case "required" -> "secret ssh";
            case "size" -> "tmpfs";
            case "sharing" -> "cache";
            case "env" -> "secret";
            case "from" -> "bind cache tmpfs ssh";
            case "source", "src" -> "bind cache tmpfs secret";
            default -> type;
          };
      if (!(" " + types + " ").contains(" " + type + " ")) {
        throw Mistake.at(
            option.value().span(),
            "RUN --mount: type=" + Printable.of(type) + " takes no " + option.key());
      }
    }
  }

  private Origin origin(Origin otherwise) {
    return option("from")
        .filter(word -> !word.text().isEmpty())
        .map(word -> table.from(word, "RUN --mount", false))
        .orElse(otherwise);
  }

  private String source() {
    return ImagePath.resolve("/", value("source", "src"));
  }

  /// A part of the cache; what climbs out of it is a mistake, if not an attack (CVE-2024-9675).
  private String sourceInCache() {
    int depth = 0;
    for (var name : value("source", "src").split("/", -1)) {
      depth += name.equals("..") ? -1 : name.isEmpty() || name.equals(".") ? 0 : 1;
      if (depth < 0) {
        throw Mistake.at(
                option("source", "src").map(Word::span).orElse(span()),
                "RUN --mount: the source of a cache cannot lie outside of it")
            .hint("name a directory in it, or leave source away");
      }
    }
    return source();
  }

  private String target() {
    return absolute(value("target", "dst", "destination"));
  }

  private String absolute(String path) {
    var target = ImagePath.resolve(state.directory(), path);
    if (target.equals("/")) {
      throw Mistake.at(
              option("target", "dst", "destination").map(Word::span).orElse(span()),
              "RUN --mount: the target is the root directory")
          .hint("give it a directory: target=/somewhere");
    }
    return target;
  }

  /// The last of `ro` and `rw` counts.
  private boolean writable(boolean otherwise) {
    boolean writable = otherwise;
    for (var option : mount.options()) {
      switch (option.key()) {
        case "ro", "readonly" -> writable = !flag(option);
        case "rw", "readwrite" -> writable = flag(option);
        default -> {}
      }
    }
    return writable;
  }

  private boolean flag(Instruction.Mount.Option option) {
    var text = state.expand(option.value());
    return switch (text) {
      case "1", "t", "T", "true", "TRUE", "True" -> true;
      case "0", "f", "F", "false", "FALSE", "False" -> false;
      default -> throw wrong(option.value(), option.key(), "true or false");
    };
  }

  private BuildFailure wrong(Word word, String key, String expected) {
    return Mistake.at(
            word.span(),
            "RUN --mount: \"" + Printable.of(state.expand(word)) + "\" is no value for " + key)
        .hint("it takes " + expected);
  }

  private boolean required() {
    boolean required = false;
    for (var option : mount.options()) {
      if (option.key().equals("required")) {
        required = flag(option);
      }
    }
    return required;
  }

  private int mode(int otherwise) {
    var word = option("mode");
    if (word.isEmpty()) {
      return otherwise;
    }
    var text = state.expand(word.get());
    if (!text.matches("0*[0-7]{1,4}")) {
      throw wrong(word.get(), "mode", "an octal number up to 07777");
    }
    return Integer.parseInt(text, 8);
  }

  private int owner(String key) {
    var word = option(key);
    if (word.isEmpty()) {
      return 0;
    }
    var text = state.expand(word.get());
    if (!text.matches("[0-9]{1,10}") || Long.parseLong(text) > 0xFFFF_FFFEL) {
      throw wrong(word.get(), key, "a number; names cannot be looked up here");
    }
    return Integer.parseUnsignedInt(text);
  }

  private OptionalLong size() {
    var word = option("size");
    if (word.isEmpty()) {
      return OptionalLong.empty();
    }
    var match = SIZE.matcher(state.expand(word.get()).toLowerCase(Locale.ROOT));
    if (!match.matches()) {
      throw wrong(word.get(), "size", "a number of bytes, as 1048576, 512m or 2g");
    }
    int power = "kmgtp".indexOf(match.group(2)) + (match.group(2).isEmpty() ? 0 : 1);
    var bytes = new BigDecimal(match.group(1)).multiply(BigDecimal.valueOf(1L << (10 * power)));
    if (bytes.compareTo(BigDecimal.valueOf(Long.MAX_VALUE)) > 0) {
      throw wrong(word.get(), "size", "less than that");
    }
    return OptionalLong.of(bytes.longValue());
  }

  private RunMount cache(String namespace) {
    var target = value("target", "dst", "destination");
    var id = value("id");
    if (id.isEmpty()) { // what is written, not where it ends up: WORKDIR does not split caches
      var clean = ImagePath.resolve("/", target);
      id = target.startsWith("/") ? clean : clean.equals("/") ? "." : clean.substring(1);
    }
    return new RunMount.Cache(
        span(),
        namespace.isEmpty() ? id : namespace + "/" + id,
        origin(new Origin.Scratch()),
        sourceInCache(),
        target(),
        writable(true),
        sharing(),
        mode(0755),
        owner("uid"),
        owner("gid"));
  }

  private RunMount.Sharing sharing() {
    var word = option("sharing");
    if (word.isEmpty()) {
      return RunMount.Sharing.SHARED;
    }
    return switch (state.expand(word.get()).toLowerCase(Locale.ROOT)) {
      case "shared" -> RunMount.Sharing.SHARED;
      case "private" -> RunMount.Sharing.PRIVATE;
      case "locked" -> RunMount.Sharing.LOCKED;
      default -> throw wrong(word.get(), "sharing", "shared, private or locked");
    };
  }

  private RunMount secret() {
    var source = value("source", "src");
    var id = value("id");
    var target = value("target", "dst", "destination");
    if (!source.isEmpty() && !id.isEmpty()) {
      throw Mistake.at(span(), "RUN --mount: a secret has an id or a source, which mean the same")
          .hint("leave one of them away");
    }
    id = id.isEmpty() ? source : id;
    id = id.isEmpty() && !target.isEmpty() ? ImagePath.baseName(target) : id;
    if (id.isEmpty()) {
      throw Mistake.at(span(), "RUN --mount: which secret?").hint("add id=NAME");
    }
    var variable = option("env").map(state::expand);
    if (variable.isPresent() && !variable.get().matches("[^=\\x00]+")) {
      throw wrong(option("env").get(), "env", "the name of a variable");
    }
    var file = target;
    if (file.isEmpty() && variable.isEmpty()) {
      file = "/run/secrets/" + ImagePath.baseName(id);
    }
    return new RunMount.Secret(
        span(),
        id,
        file.isEmpty() ? Optional.empty() : Optional.of(absolute(file)),
        variable,
        required(),
        mode(0400),
        owner("uid"),
        owner("gid"));
  }

  private RunMount ssh(int sockets) {
    var id = value("id");
    var target = value("target", "dst", "destination");
    return new RunMount.Ssh(
        span(),
        id.isEmpty() ? "default" : id,
        absolute(target.isEmpty() ? "/run/buildkit/ssh_agent." + sockets : target),
        required(),
        mode(0600),
        owner("uid"),
        owner("gid"));
  }
}
