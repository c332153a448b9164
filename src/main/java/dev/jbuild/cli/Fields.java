package dev.jbuild.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// An object whose members are all there, with a value or [Nothing]: a template that names another
/// is mistaken. In their order.
record Fields(Map<String, Object> members) {

  Fields {
    members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
  }
}
