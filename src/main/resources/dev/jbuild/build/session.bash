# The shell of a step, for bash, which tells by itself what was typed. What succeeded is noted.
unset HISTFILE HISTCONTROL HISTIGNORE HISTTIMEFORMAT
HISTSIZE=10000
shopt -s cmdhist lithist checkwinsize
_jb_out=/.jbuild/out

retry() {
  /.jbuild/step </.jbuild/calls
  set -- $?
  printf '%s\0' "$1" >>"$_jb_out/retries"
  echo "retry: exit code $1" >&2
  return "$1"
}

_jb_note() {
  local status=$? entry
  entry=$(history 1)
  [[ $entry =~ ^\ *([0-9]+)[*\ ]\ (.*)$ && ${BASH_REMATCH[1]} != "${_jb_seen-}" ]] || return
  _jb_seen=${BASH_REMATCH[1]}
  [ "$status" != 0 ] || printf '%s\0' "${BASH_REMATCH[2]}" >>"$_jb_out/typed"
}
PROMPT_COMMAND=_jb_note # what the image set here would come between
PS1='debug:\w\$ '
