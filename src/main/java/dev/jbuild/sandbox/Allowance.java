package dev.jbuild.sandbox;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// What a step may do and use, where that is not the usual.
///
/// @param isPrivileged all capabilities, every system call, devices, the whole of /proc, a real
///     /sys to write to: the machine is at the mercy of such a step
/// @param sharedMemory the size of /dev/shm in bytes; 64 MiB if empty
/// @param limits resource limits, of each process; others are jbuild's own
/// @param quota limits of all its processes together
/// @param capabilities what root has in it, as far as jbuild has it; of no effect if privileged
/// @param isReadOnly whether nothing can be written but to mounts
public record Allowance(
    boolean isPrivileged,
    OptionalLong sharedMemory,
    List<Limit> limits,
    Quota quota,
    Set<Capability> capabilities,
    boolean isReadOnly) {

  /// What every step has.
  public static final Allowance USUAL = new Allowance(false, OptionalLong.empty(), List.of());

  /// With the standard capabilities, and a root to write to.
  public Allowance(
      boolean isPrivileged, OptionalLong sharedMemory, List<Limit> limits, Quota quota) {
    this(isPrivileged, sharedMemory, limits, quota, Capability.STANDARD, false);
  }

  /// The same without a quota.
  public Allowance(boolean isPrivileged, OptionalLong sharedMemory, List<Limit> limits) {
    this(isPrivileged, sharedMemory, limits, Quota.NONE);
  }

  public Allowance {
    limits = List.copyOf(limits);
    capabilities = Set.copyOf(capabilities);
  }

  /// A limit of setrlimit(2).
  ///
  /// @param soft what holds, and `hard`, up to which the step itself may raise it; -1 for none
  public record Limit(Resource resource, long soft, long hard) {
    public Limit {
      if (soft < -1 || hard < -1 || Long.compareUnsigned(soft, hard) > 0) {
        throw new IllegalArgumentException("limits " + soft + " and " + hard);
      }
    }
  }

  /// What can be limited; numbers of asm-generic/resource.h, which x86-64 and aarch64 share.
  public enum Resource {
    CPU(0),
    FSIZE(1),
    DATA(2),
    STACK(3),
    CORE(4),
    RSS(5),
    NPROC(6),
    NOFILE(7),
    MEMLOCK(8),
    LOCKS(10),
    SIGPENDING(11),
    MSGQUEUE(12),
    NICE(13),
    RTPRIO(14),
    RTTIME(15);

    private final int number;

    Resource(int number) {
      this.number = number;
    }

    int number() {
      return number;
    }

    /// As people and manual pages write it, lower case.
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    /// The resource that is written `text`.
    public static Optional<Resource> find(String text) {
      return List.of(values()).stream().filter(each -> each.text().equals(text)).findFirst();
    }
  }
}
