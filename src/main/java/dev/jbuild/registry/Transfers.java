package dev.jbuild.registry;

/// Takes the events of transfers, from many threads.
@FunctionalInterface
public interface Transfers {

  void on(TransferEvent event);
}
