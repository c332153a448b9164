package dev.jbuild.sandbox;

import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// A part of root's power (capabilities(7)), with its number in linux/capability.h.
public enum Capability {
  CHOWN(0),
  DAC_OVERRIDE(1),
  DAC_READ_SEARCH(2),
  FOWNER(3),
  FSETID(4),
  KILL(5),
  SETGID(6),
  SETUID(7),
  SETPCAP(8),
  LINUX_IMMUTABLE(9),
  NET_BIND_SERVICE(10),
  NET_BROADCAST(11),
  NET_ADMIN(12),
  NET_RAW(13),
  IPC_LOCK(14),
  IPC_OWNER(15),
  SYS_MODULE(16),
  SYS_RAWIO(17),
  SYS_CHROOT(18),
  SYS_PTRACE(19),
  SYS_PACCT(20),
  SYS_ADMIN(21),
  SYS_BOOT(22),
  SYS_NICE(23),
  SYS_RESOURCE(24),
  SYS_TIME(25),
  SYS_TTY_CONFIG(26),
  MKNOD(27),
  LEASE(28),
  AUDIT_WRITE(29),
  AUDIT_CONTROL(30),
  SETFCAP(31),
  MAC_OVERRIDE(32),
  MAC_ADMIN(33),
  SYSLOG(34),
  WAKE_ALARM(35),
  BLOCK_SUSPEND(36),
  AUDIT_READ(37),
  PERFMON(38),
  BPF(39),
  CHECKPOINT_RESTORE(40);

  /// The names of those in `mask`, as manual pages write them: CAP_CHOWN.
  static List<String> names(long mask) {
    return Stream.of(values())
        .filter(each -> (mask & 1L << each.number) != 0)
        .map(each -> "CAP_" + each.name())
        .toList();
  }

  /// Those whose system calls the filter refuses whoever makes them.
  private static final Set<Capability> FILTERED =
      EnumSet.of(
          DAC_READ_SEARCH,
          SYS_MODULE,
          SYS_RAWIO,
          SYS_PACCT,
          SYS_ADMIN,
          SYS_BOOT,
          SYS_TIME,
          SYS_TTY_CONFIG,
          SYSLOG,
          PERFMON,
          BPF);

  /// The 14 that containers have.
  public static final Set<Capability> STANDARD = standard();

  private final int number;

  Capability(int number) {
    this.number = number;
  }

  private static Set<Capability> standard() {
    var standard = EnumSet.noneOf(Capability.class);
    for (var each : values()) {
      if ((Capabilities.standard() & each.bit()) != 0) {
        standard.add(each);
      }
    }
    return Set.copyOf(standard);
  }

  private long bit() {
    return 1L << number;
  }

  static long mask(Set<Capability> set) {
    return set.stream().mapToLong(Capability::bit).reduce(0, (a, b) -> a | b);
  }

  /// The one that is written `text`, in any case, with or without `CAP_`.
  public static Optional<Capability> find(String text) {
    var upper = text.toUpperCase(Locale.ROOT);
    var name = upper.startsWith("CAP_") ? upper.substring(4) : upper;
    for (var each : values()) {
      if (each.name().equals(name)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /// Whether it is of use to a process that is not privileged: the filter of system calls lets
  /// through what it is for.
  public boolean isUsable() {
    return !FILTERED.contains(this);
  }
}
