package dev.jbuild.cli;

import dev.jbuild.image.Reference;

/// Names of images as they are typed.
final class Names {

  private Names() {}

  /// Any name.
  static Reference parse(String text) {
    var problem = Reference.problem(text);
    if (problem.isPresent()) {
      throw Options.usage(problem.get()).hint("a name is written as app:1 or host:5000/team/app:1");
    }
    return Reference.parse(text);
  }

  /// A name to give to an image: with a tag, `latest` if none is typed.
  static Reference tag(String text) {
    var reference = parse(text);
    if (reference.digest().isPresent()) {
      throw Options.usage("a name to give cannot have a digest: " + reference.familiar())
          .hint("leave out what follows the @");
    }
    return reference;
  }

  /// Whether a name is typed without tag and digest.
  static boolean isBare(String text) {
    return text.indexOf('@') < 0 && text.lastIndexOf(':') <= text.lastIndexOf('/');
  }
}
