package dev.jbuild.sandbox;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The calls that take privileges away and make the process the step's user.
///
/// The filter comes first, while CAP_SYS_ADMIN is held: without it the kernel would demand
/// no_new_privs, under which sudo does not work in a build. It allows all that follows. A step that
/// is privileged has no filter and keeps all capabilities.
final class PrivilegeCalls {

  /// The bytes of a group's number.
  private static final int GROUP = 4;

  private static final long SECCOMP_SET_MODE_FILTER = 1;
  private static final long PR_SET_PDEATHSIG = 1;
  private static final long PR_CAPBSET_DROP = 24;
  private static final long PR_CAP_AMBIENT = 47;
  private static final long PR_CAP_AMBIENT_CLEAR_ALL = 4;
  private static final int CAPABILITY_VERSION_3 = 0x2008_0522;
  private static final long SIGKILL = 9;

  private final CallTable table;
  private final Kernel kernel;
  private final byte @Nullable [] filter;

  /// @param filter an array of struct sock_filter
  PrivilegeCalls(CallTable table, Kernel kernel, byte[] filter) {
    this.table = table;
    this.kernel = kernel;
    this.filter = filter;
  }

  /// Without a filter, for a process that may not install one; capabilities are dropped as far as
  /// they are held.
  PrivilegeCalls(CallTable table, Kernel kernel) {
    this.table = table;
    this.kernel = kernel;
    this.filter = null;
  }

  void write(StepUser user, Allowance allowance) {
    if (!allowance.isPrivileged()) {
      if (filter != null) {
        filter(filter);
      }
      dropCapabilities(Capability.mask(allowance.capabilities()));
    }
    table.call(SystemCall.PRCTL, "dropping capabilities", PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL);
    var groups = groups(user);
    table.call(SystemCall.SETGROUPS, "setting groups", groups.length / GROUP, table.bytes(groups));
    long gid = user.gid();
    table.call(SystemCall.SETRESGID, "becoming group " + gid, gid, gid, gid);
    long uid = user.uid();
    table.call(SystemCall.SETRESUID, "becoming user " + uid, uid, uid, uid);
    long allowed = allowance.isPrivileged() ? -1 : Capability.mask(allowance.capabilities());
    capabilities(uid == 0 ? kernel.allCapabilities() & allowed : 0);
    table.call(SystemCall.PRCTL, "asking to die with jbuild", PR_SET_PDEATHSIG, SIGKILL);
  }

  private void dropCapabilities(long kept) {
    for (int capability = 0; capability <= kernel.lastCapability(); capability++) {
      if ((kernel.bounding() & ~kept & (1L << capability)) != 0) {
        table.call(SystemCall.PRCTL, "dropping capabilities", PR_CAPBSET_DROP, capability);
      }
    }
  }

  private void filter(byte[] filter) {
    long instructions = table.bytes(filter);
    long program = table.words(filter.length / 8, instructions); // struct sock_fprog
    table.call(SystemCall.SECCOMP, "filtering system calls", SECCOMP_SET_MODE_FILTER, 0, program);
  }

  /// The primary group is among them: else a program that changes it could shake off what files
  /// deny to the group (CVE-2022-2995, CVE-2023-25173).
  private static byte[] groups(StepUser user) {
    var all = Stream.concat(Stream.of(user.gid()), user.groups().stream()).distinct().toList();
    var ids = ByteBuffer.allocate(all.size() * GROUP).order(ByteOrder.LITTLE_ENDIAN);
    all.forEach(group -> ids.putInt(group.intValue()));
    return ids.array();
  }

  /// Effective and permitted `set`; nothing inheritable (CVE-2022-24769, CVE-2022-27651).
  private void capabilities(long set) {
    var header = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    header.putInt(CAPABILITY_VERSION_3).putInt(0);
    var sets = ByteBuffer.allocate(24).order(ByteOrder.LITTLE_ENDIAN);
    sets.putInt((int) set).putInt((int) set).putInt(0);
    sets.putInt((int) (set >>> 32)).putInt((int) (set >>> 32)).putInt(0);
    table.call(
        SystemCall.CAPSET,
        "setting capabilities",
        table.bytes(header.array()),
        table.bytes(sets.array()));
  }
}
