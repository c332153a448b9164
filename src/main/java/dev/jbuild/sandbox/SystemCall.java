package dev.jbuild.sandbox;

/// The system calls that a step is set up with, and their numbers.
enum SystemCall {
  /// No call of the kernel: [StepProgram] kills and awaits all children, and those who become its
  /// children meanwhile, until there is none. Arguments: the path of the file that lists children
  /// (proc(5), /proc/pid/task/tid/children), a buffer and its size.
  SWEEP(-1, -1),
  READ(0, 63),
  WRITE(1, 64),
  RT_SIGACTION(13, 134),
  RT_SIGPROCMASK(14, 135),
  IOCTL(16, 29),
  SOCKET(41, 198),
  CLONE(56, 220),
  EXECVE(59, 221),
  WAIT4(61, 260),
  CHDIR(80, 49),
  FCHDIR(81, 50),
  UMASK(95, 166),
  SETSID(112, 157),
  SETGROUPS(116, 159),
  SETRESUID(117, 147),
  SETRESGID(119, 149),
  CAPSET(126, 91),
  PIVOT_ROOT(155, 41),
  PRCTL(157, 167),
  CHROOT(161, 51),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  SETHOSTNAME(170, 161),
  SETDOMAINNAME(171, 162),
  EXIT_GROUP(231, 94),
  WAITID(247, 95),
  KEYCTL(250, 219),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  SYMLINKAT(266, 36),
  PPOLL(271, 73),
  DUP3(292, 24),
  PRLIMIT64(302, 261),
  SECCOMP(317, 277),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  CLOSE_RANGE(436, 436),
  OPENAT2(437, 437),
  MOUNT_SETATTR(442, 442);

  private final int x8664;
  private final int aarch64;

  SystemCall(int x8664, int aarch64) {
    this.x8664 = x8664;
    this.aarch64 = aarch64;
  }

  int number(Processor processor) {
    return switch (processor) {
      case X86_64 -> x8664;
      case AARCH64 -> aarch64;
    };
  }
}
