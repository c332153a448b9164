package dev.jbuild.cli;

import dev.jbuild.failure.BuildFailure;
import dev.jbuild.image.Descriptor;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.Reference;
import dev.jbuild.registry.RemoteImages;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/// `jbuild registry inspect`.
final class RemoteInspectCommand implements Command {

  @Override
  public Syntax syntax() {
    return RegistryAccess.addTo(
        new Syntax(
                "registry inspect",
                "[OPTIONS] NAME[:TAG|@DIGEST]",
                "Show the manifest or index that a registry has under a name, and what refers to"
                    + " it, as JSON. No layer is fetched.",
                "  jbuild registry inspect --format '{{.Digest}}' debian:12")
            .value("TEMPLATE", "json, or a template such as {{.Digest}}.", "-f", "--format")
            .flag("Accepted: the output is JSON.", "--json")
            .flag("Print the bytes of the document as they are.", "--raw")
            .arguments("NAME", "1"));
  }

  @Override
  public int run(Options options, Session session) throws IOException, InterruptedException {
    var name = Names.parse(options.arguments().getFirst());
    var format = options.value("--format");
    var template = format.filter(text -> !text.equals("json")).map(Template::parse);
    var console = session.console();
    try (var registries = RegistryAccess.open(options, session)) {
      var remote = new RemoteImages(registries).inspect(name);
      if (options.has("--raw")) {
        console.resultStream().write(remote.bytes());
        console.flush();
        return 0;
      }
      var document = document(name, remote);
      if (template.isPresent()) {
        console.result(template.get().render(document));
      } else {
        console.result(format.isPresent() ? JsonText.compact(document) : JsonText.pretty(document));
      }
      return 0;
    }
  }

  private static Fields document(Reference name, RemoteImages.Remote remote) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("Name", name.full());
    fields.putAll(described(remote.descriptor()));
    try {
      fields.put("Document", Json.parse(remote.bytes(), "the manifest"));
    } catch (ImageFormatException e) {
      throw BuildFailure.of(
          BuildFailure.Kind.REGISTRY, name.familiar() + " cannot be read: " + e.getMessage(), e);
    }
    fields.put(
        "Referrers",
        remote.referrers().stream()
            .map(
                each -> {
                  var referrer = described(each);
                  var type = each.artifactType();
                  referrer.put("ArtifactType", type == null ? "" : type);
                  return new Fields(referrer);
                })
            .toList());
    return new Fields(fields);
  }

  private static Map<String, Object> described(Descriptor descriptor) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("MediaType", descriptor.mediaType().name());
    fields.put("Digest", descriptor.digest().toString());
    fields.put("Size", descriptor.size());
    return fields;
  }
}
