package dev.jbuild.build;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.failure.Printable;
import dev.jbuild.failure.Utf8;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// The users and groups of an image, as its /etc/passwd and /etc/group tell them.
///
/// Lines that are no entries are passed over, as the C library does.
final class Accounts {

  private static final long MOST = 0xFFFFFFFEL;

  private record User(String name, long uid, long gid, String home) {}

  private record Group(String name, long gid, List<String> members) {}

  private final List<User> users = new ArrayList<>();
  private final List<Group> groups = new ArrayList<>();

  /// @param passwd content of /etc/passwd; empty if there is none
  Accounts(byte[] passwd, byte[] group) {
    for (var fields : lines(passwd, 6)) {
      var uid = number(fields.get(2));
      var gid = number(fields.get(3));
      if (uid.isPresent() && gid.isPresent()) {
        users.add(new User(fields.get(0), uid.get(), gid.get(), fields.get(5)));
      }
    }
    for (var fields : lines(group, 3)) {
      number(fields.get(2))
          .ifPresent(gid -> groups.add(new Group(fields.get(0), gid, members(fields))));
    }
  }

  private static List<List<String>> lines(byte[] file, int fewest) {
    return Utf8.decode(file)
        .lines()
        .map(line -> Arrays.asList(line.strip().split(":", -1)))
        .filter(fields -> fields.size() >= fewest)
        .toList();
  }

  private static List<String> members(List<String> fields) {
    return fields.size() < 4 ? List.of() : Arrays.asList(fields.get(3).split(",", -1));
  }

  private static Optional<Long> number(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return Optional.empty();
    }
    long value = Long.parseLong(text);
    return value <= MOST ? Optional.of(value) : Optional.empty();
  }

  /// Who a process is.
  ///
  /// @param groups supplementary groups
  /// @param home from the user's entry; `/root` for 0 and `/` for others that have none
  record Identity(long uid, long gid, List<Long> groups, String home) {}

  /// An owner of files.
  record Owner(long uid, long gid) {
    static final Owner ROOT = new Owner(0, 0);
  }

  /// Who `USER user` is for RUN and at run time (dockerfile-rules.md 7): a number is used as it is,
  /// with the primary group of its entry if it has one, else group 0; a name must have an entry; an
  /// explicit group is the only one.
  Identity forProcess(String user) {
    var text = user.isEmpty() ? "0" : user;
    int colon = text.indexOf(':');
    var name = colon < 0 ? text : text.substring(0, colon);
    var group = colon < 0 ? "" : text.substring(colon + 1);
    boolean numbers = number(name).isPresent() && number(group).isPresent();
    // 1000:50 needs no entry, and heeds none that is called 1000
    var entry = numbers ? find(number(name).get()) : find(name.isEmpty() ? "0" : name);
    long uid =
        entry
            .map(User::uid)
            .or(() -> number(name.isEmpty() ? "0" : name))
            .orElseThrow(() -> unknown("user", name));
    var home = entry.map(User::home).filter(text1 -> !text1.isEmpty());
    var homeOrDefault = home.orElse(uid == 0 ? "/root" : "/");
    if (!group.isEmpty()) {
      long only = numbers ? number(group).orElseThrow() : gid(group);
      return new Identity(uid, only, List.of(), homeOrDefault);
    }
    long gid = entry.map(User::gid).orElse(0L);
    var others = entry.map(known -> groupsOf(known.name, gid)).orElse(List.of());
    return new Identity(uid, gid, others, homeOrDefault);
  }

  /// The same with more supplementary groups, names or numbers.
  Identity withGroups(Identity identity, List<String> more) {
    var all = new ArrayList<>(identity.groups());
    more.forEach(group -> all.add(gid(group)));
    return new Identity(
        identity.uid(), identity.gid(), all.stream().distinct().toList(), identity.home());
  }

  private List<Long> groupsOf(String name, long primary) {
    Predicate<Group> other = group -> group.gid != primary && group.members.contains(name);
    return groups.stream().filter(other).map(Group::gid).distinct().toList();
  }

  /// Whom `--chown=spec` names (dockerfile-rules.md 6.4): `1000` is 1000:1000, a name alone brings
  /// its primary group, also with a trailing colon; `root` is 0 without an entry.
  Owner forFiles(String spec) {
    int colon = spec.indexOf(':');
    var name = colon < 0 ? spec : spec.substring(0, colon);
    var group = colon < 0 ? "" : spec.substring(colon + 1);
    var plain = number(name);
    long uid;
    long primary;
    if (plain.isPresent()) {
      uid = plain.get();
      primary = uid;
    } else if (name.equals("root") || name.isEmpty()) {
      uid = 0;
      primary = 0;
    } else {
      var entry = find(name).orElseThrow(() -> unknown("user", name));
      uid = entry.uid;
      primary = entry.gid;
    }
    return new Owner(uid, group.isEmpty() ? primary : gidForFiles(group));
  }

  /// A number is never the name of a group here, and `root` is 0 whatever the file says.
  private long gidForFiles(String group) {
    return group.equals("root") ? 0 : number(group).orElseGet(() -> gid(group));
  }

  private Optional<User> find(long uid) {
    return users.stream().filter(user -> user.uid == uid).findFirst();
  }

  private Optional<User> find(String nameOrUid) {
    return users.stream()
        .filter(user -> user.name.equals(nameOrUid) || String.valueOf(user.uid).equals(nameOrUid))
        .findFirst();
  }

  private long gid(String group) {
    var byName = groups.stream().filter(each -> each.name.equals(group)).findFirst();
    if (byName.isPresent()) {
      return byName.get().gid;
    }
    if (group.equals("root")) {
      return 0;
    }
    return number(group).orElseThrow(() -> unknown("group", group));
  }

  private static BuildFailure unknown(String what, String name) {
    var file = what.equals("user") ? "/etc/passwd" : "/etc/group";
    return BuildFailure.of(
            BuildFailure.Kind.STEP,
            "no " + what + " \"" + Printable.of(name) + "\" in the image's " + file)
        .hint("use a number, or make the " + what + " in a RUN before");
  }
}
