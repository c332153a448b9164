package dev.jbuild.image;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.RandomAccess;

/// The environment of a config, `NAME=value` each. Unmodifiable.
///
/// Each ENV of a Dockerfile makes a new one out of the one before, and all are kept, so lists that
/// grew out of each other share their strings: a thousand ENV cost a thousand places, and not a
/// million.
final class EnvironmentList extends AbstractList<String> implements RandomAccess {

  private final String[] variables; // those from `size` on belong to lists that grew out of this
  private final int size;
  private final Growth growth;

  /// What lists that grew out of each other have in common.
  private static final class Growth {
    private final Map<String, Integer> places = new HashMap<>();
    private int used;
    private boolean repeats;

    synchronized int place(String name) {
      return places.getOrDefault(name, Integer.MAX_VALUE);
    }

    synchronized boolean repeats() {
      return repeats;
    }

    /// Takes the place after the first `size`, unless another list has it.
    synchronized boolean take(int size, String name) {
      if (used != size) {
        return false;
      }
      used++;
      repeats |= places.putIfAbsent(name, size) != null;
      return true;
    }
  }

  private EnvironmentList(String[] variables, int size, Growth growth) {
    this.variables = variables;
    this.size = size;
    this.growth = growth;
  }

  static EnvironmentList of(List<String> variables) {
    if (variables instanceof EnvironmentList known) {
      return known;
    }
    var array = variables.toArray(String[]::new);
    var growth = new Growth();
    for (int i = 0; i < array.length; i++) {
      growth.take(i, name(array[i]));
    }
    return new EnvironmentList(array, array.length, growth);
  }

  private static String name(String variable) {
    int equals = variable.indexOf('=');
    return equals < 0 ? variable : variable.substring(0, equals);
  }

  /// With `name` set to `value`: in its place if it is there, else at the end.
  EnvironmentList with(String name, String value) {
    var variable = name + "=" + value;
    int place = growth.place(name);
    if (growth.repeats()) { // as a base image may have it
      return replaced(name, variable);
    }
    if (place < size) {
      var changed = Arrays.copyOf(variables, size);
      changed[place] = variable;
      return of(Arrays.asList(changed));
    }
    if (!growth.take(size, name)) {
      return of(List.copyOf(this)).with(name, value);
    }
    var grown =
        size < variables.length ? variables : Arrays.copyOf(variables, Math.max(16, 2 * size));
    grown[size] = variable;
    return new EnvironmentList(grown, size + 1, growth);
  }

  private EnvironmentList replaced(String name, String variable) {
    var changed = new ArrayList<String>();
    boolean found = false;
    for (var each : this) {
      if (!name(each).equals(name)) {
        changed.add(each);
      } else if (!found) {
        changed.add(variable);
        found = true;
      }
    }
    if (!found) {
      changed.add(variable);
    }
    return of(changed);
  }

  @Override
  public String get(int index) {
    return variables[Objects.checkIndex(index, size)];
  }

  @Override
  public int size() {
    return size;
  }
}
