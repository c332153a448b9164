#!/usr/bin/env python3
"""differential.py [--jbuild PROGRAM] [--docker COMMAND] [--list] [CASE…]: the same Dockerfiles, built twice.

Each case of differential.txt is built by jbuild and by `docker build` from the same context, and the two images are
compared by imagediff.py: files with type, mode, owner, content and links, and the config. `base` is a busybox root file
system that is imported into both first. A case in which both builders refuse is equal too.

A case that names a reason (`differs: …`) is one where jbuild decides otherwise on purpose, or where the peer is too old;
it must differ, so that a reason that is no longer true is found. Exit 0: all as expected. Exit 1: the differences.
"""
import argparse, os, re, shlex, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
BASE = r"""
mkdir -p rootfs/bin rootfs/etc rootfs/tmp rootfs/root rootfs/usr/lib rootfs/dev rootfs/proc rootfs/sys
cp "$(command -v busybox)" rootfs/bin/busybox
for a in $(busybox --list); do [ "$a" = busybox ] || ln -s busybox rootfs/bin/$a; done
chmod 1777 rootfs/tmp; ln -s usr/lib rootfs/lib
printf 'root:x:0:0:root:/root:/bin/sh\napp:x:1000:1001:app:/home/app:/bin/sh\n' > rootfs/etc/passwd
printf 'root:x:0:\napp:x:1001:\nstaff:x:50:app\n' > rootfs/etc/group
tar -C rootfs --owner=0 --group=0 --numeric-owner --sort=name -cf base.tar .
"""


class Case:
    def __init__(self, name, text):
        self.name = name
        head, *parts = re.split(r"^=== ?(\w*)\n", text, flags=re.M)
        self.differs = re.search(r"^differs: (.*)$", head, flags=re.M)
        self.options = shlex.split("".join(re.findall(r"^options: (.*)$", head, flags=re.M)))
        self.parts = dict(zip(parts[0::2], parts[1::2]))


def cases(path):
    with open(path, encoding="utf-8") as f:
        names = re.split(r"^--- (.*)\n", f.read(), flags=re.M)
    return [Case(n, t) for n, t in zip(names[1::2], names[2::2])]


def run(command, cwd, **more):
    return subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace", **more)


def attempt(case, work, jbuild, docker):
    """-> None if the two agree, else what differs"""
    context = os.path.join(work, "context")
    os.mkdir(context)
    setup = run(["sh", "-euc", case.parts.get("setup", "")], context)
    if setup.returncode:
        return "the case itself: " + setup.stdout
    with open(os.path.join(work, "Dockerfile"), "w", encoding="utf-8", newline="") as f:
        f.write(case.parts["Dockerfile"])
    ours = run(
        [jbuild, "build", "-q", "-f", "Dockerfile", "-o", "type=oci,dest=ours.tar", *case.options, "context"], work)
    tag = "differential:" + case.name
    theirs = run(
        [*docker, "build", "--network", "none", "-q", "-f", "Dockerfile", "-t", tag, *case.options, "context"], work,
        env=dict(os.environ, DOCKER_BUILDKIT="1"))
    if ours.returncode or theirs.returncode:
        if ours.returncode and theirs.returncode:
            return None
        who, said = ("jbuild", ours.stdout) if ours.returncode else ("docker", theirs.stdout)
        return "only %s refuses: %s" % (who, said.strip())
    saved = run([*docker, "save", "-o", "theirs.tar", tag], work)
    if saved.returncode:
        return "docker save: " + saved.stdout
    diff = run([sys.executable, os.path.join(HERE, "imagediff.py"), "ours.tar", "theirs.tar"], work)
    return diff.stdout.strip() if diff.returncode else None


def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument("--jbuild", default="target/jbuild/bin/jbuild")
    args.add_argument("--docker", default="docker", help="the command with its options, as one argument")
    args.add_argument("--file", default=os.path.join(HERE, "differential.txt"))
    args.add_argument("--list", action="store_true")
    args.add_argument("case", nargs="*")
    a = args.parse_args()
    docker, jbuild = shlex.split(a.docker), os.path.abspath(a.jbuild)
    chosen = [c for c in cases(a.file) if not a.case or c.name in a.case]
    if a.list:
        print("\n".join(c.name + (" (differs: %s)" % c.differs[1] if c.differs else "") for c in chosen))
        return 0
    wrong = 0
    with tempfile.TemporaryDirectory(prefix="differential") as top:
        os.environ["JBUILD_ROOT"] = os.path.join(top, "store")
        subprocess.run(["sh", "-euc", BASE], cwd=top, check=True)
        subprocess.run([jbuild, "import", "-q", "base.tar", "base"], cwd=top, check=True, stdout=subprocess.DEVNULL)
        subprocess.run([*docker, "import", "base.tar", "base:latest"], cwd=top, check=True, stdout=subprocess.DEVNULL)
        for case in chosen:
            with tempfile.TemporaryDirectory(dir=top) as work:
                found = attempt(case, work, jbuild, docker)
            if bool(found) == bool(case.differs):
                print("ok    %s%s" % (case.name, ": " + case.differs[1] if case.differs else ""))
            else:
                wrong += 1
                print("WRONG %s\n      %s" % (case.name, (found or "no difference any more").replace("\n", "\n      ")))
            sys.stdout.flush()
    print("%d cases, %d wrong" % (len(chosen), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
