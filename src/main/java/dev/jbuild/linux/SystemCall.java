package dev.jbuild.linux;

import java.util.Locale;

/// The system calls that jbuild makes, with their numbers.
///
/// aarch64 has the calls of asm-generic/unistd.h only (no `open`, `mkdir`, `lstat` …), therefore
/// nothing but the `…at` forms stands here. Calls newer than 5.0 have one number everywhere.
enum SystemCall {
  READ(0, 63),
  WRITE(1, 64),
  CLOSE(3, 57),
  LSEEK(8, 62),
  IOCTL(16, 29),
  PREAD64(17, 67),
  PWRITE64(18, 68),
  GETPID(39, 172),
  CLONE(56, 220),
  EXECVE(59, 221),
  WAIT4(61, 260),
  FCNTL(72, 25),
  FSYNC(74, 82),
  FTRUNCATE(77, 46),
  CHDIR(80, 49),
  FCHMOD(91, 52),
  FCHOWN(93, 55),
  GETEUID(107, 175),
  GETEGID(108, 177),
  STATFS(137, 43),
  MOUNT(165, 40),
  UMOUNT2(166, 39),
  LSETXATTR(189, 6),
  FSETXATTR(190, 7),
  LGETXATTR(192, 9),
  FGETXATTR(193, 10),
  LLISTXATTR(195, 12),
  FLISTXATTR(196, 13),
  LREMOVEXATTR(198, 15),
  FREMOVEXATTR(199, 16),
  GETDENTS64(217, 61),
  EXIT_GROUP(231, 94),
  OPENAT(257, 56),
  MKDIRAT(258, 34),
  MKNODAT(259, 33),
  FCHOWNAT(260, 54),
  UNLINKAT(263, 35),
  LINKAT(265, 37),
  SYMLINKAT(266, 36),
  READLINKAT(267, 78),
  FCHMODAT(268, 53),
  PPOLL(271, 73),
  UNSHARE(272, 97),
  SYNC_FILE_RANGE(277, 84),
  UTIMENSAT(280, 88),
  DUP3(292, 24),
  PIPE2(293, 59),
  SYNCFS(306, 267),
  RENAMEAT2(316, 276),
  COPY_FILE_RANGE(326, 285),
  STATX(332, 291),
  PIDFD_SEND_SIGNAL(424, 424),
  OPEN_TREE(428, 428),
  MOVE_MOUNT(429, 429),
  FSOPEN(430, 430),
  FSCONFIG(431, 431),
  FSMOUNT(432, 432),
  PIDFD_OPEN(434, 434),
  CLOSE_RANGE(436, 436),
  OPENAT2(437, 437),
  MOUNT_SETATTR(442, 442),
  FCHMODAT2(452, 452);

  private final long number;

  SystemCall(int x86, int arm) {
    number =
        switch (Kernel.PROCESSOR) {
          case X86_64 -> x86;
          case AARCH64 -> arm;
        };
  }

  /// Its number on this processor.
  long number() {
    return number;
  }

  /// As manual pages call it.
  String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
