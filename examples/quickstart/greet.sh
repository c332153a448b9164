echo "$GREETING, built on $(uname -m) by $(id -u):$(id -g)"
