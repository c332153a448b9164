package dev.jbuild.cli;

import dev.jbuild.build.ResolvedImage;
import dev.jbuild.console.Console;
import dev.jbuild.failure.Printable;
import dev.jbuild.image.Digest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The layers of images, put on top of each other once: images that begin alike share a trunk.
final class LayerTree {

  private static final int LONGEST_INSTRUCTION = 60;

  /// A layer at its place.
  private static final class Node {
    final Digest layer;
    final long size;
    final String madeBy;
    final List<String> images = new ArrayList<>();
    final Map<Digest, Node> above = new LinkedHashMap<>();

    Node(Digest layer, long size, String madeBy) {
      this.layer = layer;
      this.size = size;
      this.madeBy = madeBy;
    }
  }

  private final Map<Digest, Node> trunks = new LinkedHashMap<>();
  private final List<String> empty = new ArrayList<>();
  private final Map<Digest, Integer> uses = new HashMap<>();
  private final Map<Digest, Long> sizes = new LinkedHashMap<>();

  /// Adds an image.
  ///
  /// @param name what a person calls it, printable
  void add(String name, ResolvedImage image) {
    var diffIds = image.config().diffIds();
    var made =
        image.config().history().stream()
            .filter(entry -> !entry.emptyLayer())
            .map(entry -> entry.createdBy().isEmpty() ? entry.comment() : entry.createdBy())
            .toList();
    var here = trunks;
    var names = empty;
    for (int i = 0; i < diffIds.size(); i++) {
      long size = image.manifest().layers().get(i).size();
      var by = i < made.size() ? made.get(i) : "";
      var node = here.computeIfAbsent(diffIds.get(i), layer -> new Node(layer, size, by));
      here = node.above;
      names = node.images;
    }
    names.add(name);
    for (var layer : diffIds.stream().distinct().toList()) {
      uses.merge(layer, 1, Integer::sum);
      sizes.putIfAbsent(layer, image.manifest().layers().get(diffIds.indexOf(layer)).size());
    }
  }

  /// Line by line, for people.
  List<String> lines() {
    var lines = new ArrayList<String>();
    empty.forEach(name -> lines.add("(no layers)  = " + name));
    for (var trunk : trunks.values()) {
      append(trunk, "", "", lines);
    }
    long shared = 0;
    long bytes = 0;
    for (var layer : sizes.entrySet()) {
      if (uses.getOrDefault(layer.getKey(), 0) > 1) {
        shared++;
        bytes += layer.getValue();
      }
    }
    lines.add(
        sizes.size()
            + " layers, "
            + Console.size(sizes.values().stream().mapToLong(Long::longValue).sum())
            + "; "
            + shared
            + " shared by several images, "
            + Console.size(bytes));
    return lines;
  }

  private static void append(Node node, String first, String rest, List<String> lines) {
    // As deep as an image has layers, of which there are some hundreds at most.
    var line = new StringBuilder(first);
    line.append(node.layer.shortHex()).append("  ").append(Console.size(node.size));
    line.append("  ").append(cut(Printable.of(node.madeBy)));
    if (!node.images.isEmpty()) {
      line.append("  = ").append(String.join(", ", node.images));
    }
    lines.add(line.toString().stripTrailing());
    var above = List.copyOf(node.above.values());
    if (above.size() == 1) { // a trunk without branches goes straight up
      append(above.getFirst(), rest, rest, lines);
      return;
    }
    for (int i = 0; i < above.size(); i++) {
      boolean last = i == above.size() - 1;
      append(above.get(i), rest + (last ? "└─ " : "├─ "), rest + (last ? "   " : "│  "), lines);
    }
  }

  private static String cut(String text) {
    if (text.codePointCount(0, text.length()) <= LONGEST_INSTRUCTION) {
      return text;
    }
    return text.substring(0, text.offsetByCodePoints(0, LONGEST_INSTRUCTION - 1)) + "…";
  }

  /// For programs.
  List<Fields> json() {
    return json(trunks);
  }

  private static List<Fields> json(Map<Digest, Node> nodes) {
    var all = new ArrayList<Fields>();
    for (var node : nodes.values()) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("Layer", node.layer.toString());
      fields.put("Size", node.size);
      fields.put("CreatedBy", Printable.of(node.madeBy));
      fields.put("Images", List.copyOf(node.images));
      fields.put("Above", json(node.above));
      all.add(new Fields(fields));
    }
    return all;
  }
}
