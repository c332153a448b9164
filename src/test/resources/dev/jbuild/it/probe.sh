# Tries what a step must not do, and says what it is. One line each: "what: answer".
may() { what=$1; shift; if (eval "$*") >/dev/null 2>&1; then echo "$what: yes"; else echo "$what: no"; fi; }
while read -r key value; do
  case $key in Cap*|NoNewPrivs:|Seccomp:|Groups:|SigIgn:|SigBlk:) echo "status $key $value" ;; esac
done < /proc/self/status
echo "id: $(id -u):$(id -g)"
echo "descriptors: $(for f in /proc/self/fd/*; do [ -e $f ] && echo ${f##*/}; done | xargs)"
echo "variables: $(env | grep -vE '^(SHLVL|_|OLDPWD)=' | cut -d= -f1 | sort | xargs)"
may "is the first process" "[ $$ = 1 ]"
echo "processes:" /proc/[0-9]*
echo "sys: $(ls /sys)"
echo "groups: $(cut -d: -f3 /proc/self/cgroup | sort -u | xargs)"
for name in $(ls /dev); do echo "device $name"; done
while read -r id parent device from point rest; do
  options=${rest%% - *}; type=${rest#* - }; type=${type%% *}
  case ,${options%% *}, in *,ro,*) how=read-only ;; *) how=writable ;; esac
  case ,${options%% *}, in *,nodev,*) ;; *) how="$how with devices" ;; esac
  echo "mount $point: $type $how"
done < /proc/self/mountinfo
for path in $CANARIES; do
  may "sees canary" "[ -e $path ] || [ -e /proc/1/root$path ] || [ -e /proc/self/cwd/../../..$path ]"
done
may "signals the caller" "kill -0 $CALLER"
may "reads the caller" "cat /proc/[0-9]*/environ | grep -q CALLER_SECRET"
for name in kcore keys timer_list sched_debug latency_stats acpi scsi; do
  [ -e /proc/$name ] || continue
  may "reads /proc/$name" "[ -n \"\$(head -c 1 /proc/$name 2>/dev/null; ls -A /proc/$name/ 2>/dev/null)\" ]"
done
may "writes core_pattern" "echo x > /proc/sys/kernel/core_pattern"
may "writes sysrq-trigger" ": >> /proc/sysrq-trigger"
may "writes below /proc/irq" "for f in /proc/irq/default_smp_affinity; do : >> \$f; done"
may "writes to /sys" "mkdir /sys/x"
may "writes groups" "mkdir /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/*/x"
may "writes its program" ": >> /proc/self/exe"
may "writes the first program" ": >> /proc/1/exe"
may "makes a node" "mknod /tmp/node b 8 0"
may "opens a node" "mknod /tmp/null c 1 3; cat /tmp/null"
may "opens /dev/null" "echo x > /dev/null"
may "opens a terminal device" "ls /dev/ptmx && ! : > /dev/console"
may "mounts" "mount -t tmpfs x /tmp"
may "mounts over a mask" "mount -t proc x /tmp"
may "new namespaces" "unshare -U true || unshare -m true"
may "changes its root" "chroot / true"
may "owns files" "touch /tmp/f && chown 1000:1001 /tmp/f"
echo "calls: $(/probe/calls < /probe/table 3>&1 | base64 -w 0)"
