package dev.jbuild.dockerfile;

import dev.jbuild.failure.Span;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// One instruction of a Dockerfile as it was written; variables are not expanded yet.
///
/// A `switch` over it has no `default`, so that a new instruction does not compile until every
/// reader has decided what it means there.
public sealed interface Instruction {

  /// From its keyword to the end of its last line, here-documents included.
  Span span();

  /// `FROM [--platform=P] image [AS name]`.
  ///
  /// @param name lower case
  record From(Span span, Optional<Word> platform, Word image, Optional<StageName> name)
      implements Instruction {}

  /// A stage's name.
  ///
  /// @param text in lower case
  /// @param as the word AS before it, as written
  /// @param written the name as written
  record StageName(String text, Word as, Word written) {
    public Span span() {
      return written.span();
    }
  }

  /// `ARG name[=default]…`.
  record Arg(Span span, List<Declaration> declarations) implements Instruction {
    public Arg {
      declarations = List.copyOf(declarations);
    }

    /// One name; not expanded.
    public record Declaration(String name, Optional<Word> value, Span span) {}
  }

  /// `ENV key=value…`, or the old form `ENV key value`.
  record Env(Span span, List<Pair> pairs, boolean oldForm) implements Instruction {
    public Env {
      pairs = List.copyOf(pairs);
    }
  }

  /// `LABEL key=value…`, or the old form `LABEL key value`.
  record Label(Span span, List<Pair> pairs, boolean oldForm) implements Instruction {
    public Label {
      pairs = List.copyOf(pairs);
    }
  }

  /// A key and its value, both subject to expansion.
  record Pair(Word key, Word value) {}

  /// `RUN`.
  ///
  /// What is executed is said by [#command] if it is a [Command.Exec]; else by [#script], given to
  /// the shell, or by [#scriptFile], if there is one.
  ///
  /// @param command of the shell form: the line, and behind it each here-document with its
  ///     terminator, as a shell reads them; empty if the whole command is one here-document
  /// @param heredocs in order; none in the exec form
  record Run(
      Span span,
      Command command,
      List<Heredoc> heredocs,
      List<Mount> mounts,
      Optional<Word> network,
      Optional<Word> security,
      List<Device> devices)
      implements Instruction {
    public Run {
      heredocs = List.copyOf(heredocs);
      mounts = List.copyOf(mounts);
      devices = List.copyOf(devices);
    }

    /// What the shell executes: the line with its here-documents, or, if the whole command is one
    /// here-document, its content.
    ///
    /// @throws IllegalStateException in the exec form
    public String script() {
      return switch (command) {
        case Command.Exec _ -> throw new IllegalStateException("RUN in exec form has no script");
        case Command.Shell(var text) ->
            text.isEmpty() && !heredocs.isEmpty() ? heredocs.getFirst().content() : text;
      };
    }

    /// The here-document that is a program by itself, since it begins with `#!`: its content goes
    /// to an executable file of the document's name, and the shell is given that file's path.
    public Optional<Heredoc> scriptFile() {
      boolean whole = command instanceof Command.Shell(var text) && text.isEmpty();
      return heredocs.stream()
          .limit(1)
          .filter(document -> whole && document.content().startsWith("#!"))
          .findFirst();
    }
  }

  /// One `--device` of RUN; not expanded.
  ///
  /// @param written the value of the flag
  record Device(Word written, String name, boolean required) {}

  /// One `--mount` of RUN: its options in order, keys in lower case, values as written, save that
  /// the quotes and escapes of the flag and of CSV are gone.
  ///
  /// A key without a value, as `ro`, has the value `true`. Keys are known ones, and so is what
  /// they say as far as no variable is in it; the rest is decided where variables are known. Of a
  /// key that is repeated the last one counts.
  record Mount(Span span, List<Option> options) {
    public Mount {
      options = List.copyOf(options);
    }

    /// One `key=value`.
    public record Option(String key, Word value) {}
  }

  /// What COPY and ADD have in common.
  sealed interface Transfer extends Instruction permits Copy, Add {
    /// Paths, patterns, URLs, in order; here-documents are not among them.
    List<Word> sources();

    /// Sources that are here-documents; they come after the others.
    List<Heredoc> heredocs();

    Word destination();

    Optional<Word> chown();

    Optional<Word> chmod();

    List<Word> excludes();

    boolean link();
  }

  /// `COPY [flags] source… destination`.
  ///
  /// @param from as written, never expanded
  /// @param parents `--parents`
  record Copy(
      Span span,
      List<Word> sources,
      List<Heredoc> heredocs,
      Word destination,
      Optional<Word> from,
      Optional<Word> chown,
      Optional<Word> chmod,
      List<Word> excludes,
      boolean link,
      boolean parents)
      implements Transfer {
    public Copy {
      sources = List.copyOf(sources);
      heredocs = List.copyOf(heredocs);
      excludes = List.copyOf(excludes);
    }
  }

  /// `ADD [flags] source… destination`.
  ///
  /// @param unpack `--unpack`, if given
  record Add(
      Span span,
      List<Word> sources,
      List<Heredoc> heredocs,
      Word destination,
      Optional<Word> chown,
      Optional<Word> chmod,
      List<Word> excludes,
      boolean link,
      Optional<Word> checksum,
      Optional<Boolean> keepGitDir,
      Optional<Boolean> unpack)
      implements Transfer {
    public Add {
      sources = List.copyOf(sources);
      heredocs = List.copyOf(heredocs);
      excludes = List.copyOf(excludes);
    }
  }

  /// `WORKDIR directory`; the rest of the line is one word.
  record Workdir(Span span, Word directory) implements Instruction {}

  /// `USER user[:group]`.
  record User(Span span, Word user) implements Instruction {}

  /// `VOLUME path…`.
  record Volume(Span span, List<Word> paths) implements Instruction {
    public Volume {
      paths = List.copyOf(paths);
    }
  }

  /// `EXPOSE port[-port][/protocol]…`, in the order written.
  record Expose(Span span, List<Word> ports) implements Instruction {
    public Expose {
      ports = List.copyOf(ports);
    }
  }

  /// `CMD`.
  record Cmd(Span span, Command command) implements Instruction {}

  /// `ENTRYPOINT`.
  record Entrypoint(Span span, Command command) implements Instruction {}

  /// `SHELL ["program", "argument"…]`.
  record Shell(Span span, List<String> argv) implements Instruction {
    public Shell {
      argv = List.copyOf(argv);
    }
  }

  /// `STOPSIGNAL signal`.
  record StopSignal(Span span, Word signal) implements Instruction {}

  /// `HEALTHCHECK NONE` (no check) or `HEALTHCHECK [options] CMD command`.
  record Healthcheck(Span span, Optional<Check> check) implements Instruction {
    /// Durations of zero and no retries mean: the runtime's default.
    public record Check(
        Command command,
        Duration interval,
        Duration timeout,
        Duration startPeriod,
        Duration startInterval,
        int retries) {}
  }

  /// `MAINTAINER name`; not expanded.
  record Maintainer(Span span, String name) implements Instruction {}

  /// `ONBUILD instruction`: the text that goes into the config, here-documents merged in.
  ///
  /// @param trigger parsed once more, with [Dockerfile#parseTrigger], where it is triggered
  record OnBuild(Span span, String trigger) implements Instruction {}
}
