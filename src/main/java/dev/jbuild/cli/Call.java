package dev.jbuild.cli;

import dev.jbuild.dockerfile.Target;
import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import java.io.IOException;
import java.util.Locale;

/// `--call` of build: a question about the Dockerfile, answered instead of building it.
///
/// @param json whether it is answered in JSON, as docker does
/// @param lenient whether findings of a check are no failure
record Call(Method method, boolean json, boolean lenient) {

  enum Method {
    BUILD("build"),
    CHECK("check"),
    OUTLINE("outline"),
    TARGETS("targets"),
    METHODS("subrequests.describe");

    private final String text;

    Method(String text) {
      this.text = text;
    }

    private static Method of(String text) {
      for (var method : values()) {
        if (method.text.equals(text)) {
          return method;
        }
      }
      if (text.equals("lint")) { // what check was called first
        return CHECK;
      }
      throw Options.usage(
              "--call takes build, check, outline, targets or subrequests.describe, not "
                  + Printable.of(text))
          .hint("as in --call=outline, or --call=outline,format=json");
    }
  }

  /// What `--call` and `--check` say.
  static Call of(Options options) {
    var method = options.has("--check") ? Method.CHECK : Method.BUILD;
    boolean named = false;
    boolean json = false;
    boolean lenient = false;
    for (var field : Csv.fields(options.value("--call").orElse(""))) {
      int equals = field.indexOf('=');
      if (equals >= 0) {
        var value = field.substring(equals + 1);
        switch (field.substring(0, equals)) {
          case "format" -> json = isJson(value);
          case "ignorestatus" -> lenient = isTrue(value);
          default -> throw wrong(field);
        }
      } else if (!field.isEmpty()) {
        if (named) {
          throw wrong(field);
        }
        named = true;
        var called = Method.of(field);
        method = called == Method.BUILD ? method : called;
      }
    }
    return new Call(method, json, lenient);
  }

  private static boolean isJson(String value) {
    return switch (value) {
      case "json" -> true;
      case "text" -> false;
      default -> throw Options.usage("--call: format is text or json, not " + Printable.of(value));
    };
  }

  private static boolean isTrue(String value) {
    return switch (value.toLowerCase(Locale.ROOT)) {
      case "1", "t", "true" -> true;
      case "0", "f", "false" -> false;
      default ->
          throw Options.usage("--call: ignorestatus is true or false, not " + Printable.of(value));
    };
  }

  private static BuildFailure wrong(String field) {
    return Options.usage(
        "--call takes one method, format= and ignorestatus=, not " + Printable.of(field));
  }

  boolean isBuild() {
    return method == Method.BUILD;
  }

  /// Answers it.
  ///
  /// @return the exit code
  int run(Options options, Session session) throws IOException, InterruptedException {
    var console = session.console();
    return switch (method) {
      case BUILD -> throw new IllegalStateException("a build is no question");
      case CHECK -> check(options, session);
      case OUTLINE -> {
        var input = DockerfileInput.ofBuild(options, session);
        input.reading().whole();
        var platforms = Platforms.of(options, session.environment());
        var any = input.request(options, session);
        var request = platforms.isEmpty() ? any : any.forPlatform(platforms.getFirst());
        var outline = DockerfileInput.ask(session, linter -> linter.outline(request));
        if (json) {
          console.result(CallDocument.outline(input.dockerfile(), outline));
        } else {
          CallTables.outline(outline).forEach(console::result);
        }
        yield 0;
      }
      case TARGETS -> {
        var dockerfile = DockerfileInput.ofBuild(options, session).reading().whole();
        if (json) {
          console.result(CallDocument.targets(dockerfile));
        } else {
          CallTables.targets(Target.of(dockerfile)).forEach(console::result);
        }
        yield 0;
      }
      case METHODS -> {
        if (json) {
          console.result(CallDocument.methods());
        } else {
          CallTables.methods().forEach(console::result);
        }
        yield 0;
      }
    };
  }

  private int check(Options options, Session session) throws IOException, InterruptedException {
    var format = json ? LintRun.Format.DOCKER : LintRun.Format.TEXT;
    int code = LintRun.run(DockerfileInput.ofBuild(options, session), options, session, format);
    return lenient ? 0 : code;
  }
}
