package dev.jbuild.console;

import dev.jbuild.failure.BuildFailure;

/// What is told on standard error beside the events of a build, in the form that a program reads
/// there. Each answer is one line, without its end.
public interface ProgramMessages {

  String message(String text);

  String warning(String text);

  String failure(BuildFailure failure);
}
