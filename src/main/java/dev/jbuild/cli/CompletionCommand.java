package dev.jbuild.cli;

import dev.jbuild.failure.Printable;

/// `jbuild completion`.
final class CompletionCommand implements Command {

  private static final String SHELLS = "bash|zsh|fish";

  /// bash splits words at `:` and `=`, which names of images have, so the line itself is looked at;
  /// what it holds to be typed already is cut from the answers again.
  private static final String BASH =
      """
      # jbuild completion bash
      _jbuild() {
        local line=${COMP_LINE:0:COMP_POINT} current typed answer
        local -a words lines
        read -ra words <<<"$line"
        [[ $line == *[[:space:]] ]] && words+=('')
        current=${words[${#words[@]}-1]}
        mapfile -t lines < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
        COMPREPLY=()
        for answer in "${lines[@]:1}"; do
          COMPREPLY+=("${answer%%$'\\t'*}")
        done
        typed=${current%"${current##*[=:]}"}
        [[ -z $typed ]] || COMPREPLY=("${COMPREPLY[@]#"$typed"}")
        if [[ ${lines[0]} == files ]]; then
          compopt -o filenames 2>/dev/null
          mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${current##*=}")
        fi
        [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace 2>/dev/null
      }
      complete -F _jbuild jbuild
      """;

  private static final String ZSH =
      """
      #compdef jbuild
      # jbuild completion zsh
      _jbuild() {
        local -a lines candidates
        local line
        lines=("${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}")
        for line in "${(@)lines[2,-1]}"; do
          candidates+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
        done
        (( $#candidates )) && _describe jbuild candidates
        [[ $lines[1] == files ]] && _files
        return 0
      }
      if [[ $funcstack[1] == _jbuild ]]; then _jbuild "$@"; else compdef _jbuild jbuild; fi
      """;

  private static final String FISH =
      """
      # jbuild completion fish
      function __jbuild_complete
        set -l words (commandline -opc) (commandline -ct)
        set -l lines ($words[1] __complete -- $words[2..-1] 2>/dev/null)
        string join \\n -- $lines[2..-1]
        test "$lines[1]" = files; and __fish_complete_path (commandline -ct)
      end
      complete -c jbuild -f -a '(__jbuild_complete)'
      """;

  @Override
  public Syntax syntax() {
    return new Syntax(
            "completion",
            SHELLS,
            "Print a script that has a shell complete commands, options, their values and names of"
                + " images.",
            "  source <(jbuild completion bash)",
            "  jbuild completion bash > ~/.local/share/bash-completion/completions/jbuild",
            "  jbuild completion zsh > \"${fpath[1]}/_jbuild\"",
            "  jbuild completion fish > ~/.config/fish/completions/jbuild.fish")
        .arguments(SHELLS, "1");
  }

  @Override
  public int run(Options options, Session session) {
    var shell = options.argument("a shell");
    var script =
        switch (shell) {
          case "bash" -> BASH;
          case "zsh" -> ZSH;
          case "fish" -> FISH;
          default ->
              throw Options.usage("there is no completion for " + Printable.of(shell))
                  .hint("it is for bash, zsh and fish");
        };
    session.console().result(script.stripTrailing());
    return 0;
  }
}
