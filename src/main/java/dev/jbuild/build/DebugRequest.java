package dev.jbuild.build;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/// How somebody wants to look into a step.
///
/// @param before its files as they were before it ran
/// @param command what to run there; empty for a shell that knows `retry`
/// @param withTools whether the machine's busybox is brought along
/// @param settings secrets, agents and grants that are given now
/// @param proxies values of proxy variables that are given now, by name
/// @param environment of jbuild itself, for the terminal's name
public record DebugRequest(
    boolean before,
    List<String> command,
    boolean withTools,
    StepSettings settings,
    SortedMap<String, String> proxies,
    Map<String, String> environment) {

  public DebugRequest {
    command = List.copyOf(command);
  }
}
