# The shell of a step, for shells that cannot tell what was typed: reads a command, runs it here,
# and notes it if it succeeded. $1: this shell, as a command; $2: the prompt.
_jb_shell=$1 _jb_prompt=$2 _jb_out=/.jbuild/out
shift 2

_jb_note() {
  printf '%s\0' "$1" >>"$_jb_out/typed"
}

retry() {
  /.jbuild/step </.jbuild/calls
  set -- $?
  printf '%s\0' "$1" >>"$_jb_out/retries"
  echo "retry: exit code $1" >&2
  return "$1"
}

# Whether the command needs more lines.
_jb_partial() {
  case $1 in
    *[!\\]\\ | \\) return 0 ;;
  esac
  _jb_said=$(printf '%s\n' "$1" | $_jb_shell -n 2>&1) || {
    case $_jb_said in
      *'end of file'* | *nterminated* | *issing* | *'looking for matching'*) return 0 ;;
    esac
    return 1
  }
  # A here-document without its end is no error to any shell.
  case $1 in
    *'<<'*) ;;
    *) return 1 ;;
  esac
  _jb_word=${1##*<<}
  _jb_word=${_jb_word%%"$_jb_newline"*}
  _jb_word=${_jb_word#-}
  _jb_word=${_jb_word#"${_jb_word%%[! ]*}"}
  case $_jb_word in
    [A-Za-z_\"\'\\]*) ;;
    *) return 1 ;;
  esac
  _jb_word=${_jb_word#[\"\'\\]}
  _jb_word=${_jb_word%%[!A-Za-z0-9_]*}
  case $1 in
    *"$_jb_newline$_jb_word" | *"$_jb_newline	$_jb_word") return 1 ;;
  esac
  return 0
}

_jb_newline='
'
_jb_status=0
trap '_jb_interrupted=1' INT
set -m 2>/dev/null
while :; do
  _jb_interrupted=
  _jb_command=
  printf '%s' "$_jb_prompt" >&2
  while :; do
    if ! IFS= read -r _jb_line; then
      if [ -n "$_jb_interrupted" ]; then
        echo >&2
        continue 2
      fi
      [ -n "$_jb_command$_jb_line" ] || break 2
    elif [ -n "$_jb_interrupted" ]; then
      # Ctrl-C came after the prompt and before the shell began to read, which it does not break
      # off then. The terminal forgot what was typed until then: this line is a new command.
      _jb_interrupted=
      _jb_command=
    fi
    _jb_command=$_jb_command$_jb_line
    if _jb_partial "$_jb_command"; then
      _jb_command=$_jb_command$_jb_newline
      printf '> ' >&2
    else
      break
    fi
  done
  if [ -n "$_jb_interrupted" ]; then # while it was looked at
    echo >&2
    continue
  fi
  case $_jb_command in
    *[!\ \	]*) ;;
    *) continue ;;
  esac
  if ! printf '%s\n' "$_jb_command" | $_jb_shell -n; then
    _jb_status=2
    continue
  fi
  (exit $_jb_status) # what $? is
  command eval "$_jb_command"
  _jb_status=$?
  [ "$_jb_status" != 0 ] || _jb_note "$_jb_command"
done
exit "$_jb_status"
