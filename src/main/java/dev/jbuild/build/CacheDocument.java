package dev.jbuild.build;

import dev.jbuild.image.CacheManifest;
import dev.jbuild.image.Digest;
import dev.jbuild.image.ImageFormatException;
import dev.jbuild.image.Json;
import dev.jbuild.image.JsonObject;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/// What a shared cache says: the records of steps, and the builds that they come from, by which a
/// build elsewhere tells why a step is another. The config of a cache's manifest (docs/cache.md).
///
/// @param records sorted by key
record CacheDocument(List<SharedRecord> records, List<BuildRecord> builds) {

  /// The longest one that is read.
  static final int MOST_BYTES = CacheManifest.LARGEST_CONFIG;

  private static final long VERSION = 1;

  /// Inputs in which nothing is that a person wrote.
  private static final Set<String> PLAIN =
      Set.of("kind", "format", "clamp", StepInputs.PARENT, StepInputs.FILES);

  CacheDocument {
    records = records.stream().sorted(Comparator.comparing(SharedRecord::key)).toList();
    builds = List.copyOf(builds);
  }

  /// The same bytes for the same records and builds.
  byte[] toBytes() {
    var json = new LinkedHashMap<String, Object>();
    json.put("version", VERSION);
    json.put("records", records.stream().map(SharedRecord::toJson).toList());
    json.put("builds", builds.stream().map(build -> outgoing(build).toJson()).toList());
    return Json.write(json);
  }

  /// The document as the annotation of an image has it: compressed, and in Base64.
  String toText() {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_COMPRESSION))) {
      out.write(toBytes());
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    return Base64.getEncoder().encodeToString(bytes.toByteArray());
  }

  /// The document that [#toText] wrote, to be parsed.
  ///
  /// @throws ImageFormatException if it is something else or too large
  static byte[] fromText(String text) throws ImageFormatException {
    try (var in =
        new InflaterInputStream(new ByteArrayInputStream(Base64.getDecoder().decode(text)))) {
      var bytes = in.readNBytes(MOST_BYTES + 1);
      if (bytes.length > MOST_BYTES) {
        throw new ImageFormatException("the cache in the image is too large");
      }
      return bytes;
    } catch (IllegalArgumentException | ZipException | EOFException e) {
      throw new ImageFormatException("the cache in the image cannot be read", e);
    } catch (ImageFormatException e) {
      throw e;
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory", e);
    }
  }

  /// Without what is only true or only of interest on the machine that built, and without values
  /// in which a secret may be.
  static BuildRecord outgoing(BuildRecord build) {
    var what = build.what();
    var inputs = build.steps().stream().map(each -> each.step().inputs()).toList();
    var secrets = SecretValues.of(inputs);
    return new BuildRecord(
        new BuildRecord.What("", "", what.target(), what.platform()),
        build.steps().stream()
            .map(BuildRecord.Entry::step)
            .map(
                step ->
                    new BuildRecord.Step(
                        step.stage(), step.number(), step.text(), masked(step.inputs(), secrets)))
            .sorted(
                Comparator.comparing(BuildRecord.Step::stage)
                    .thenComparingInt(BuildRecord.Step::number))
            .map(step -> new BuildRecord.Entry(step, BuildRecord.Outcome.CACHED, ""))
            .toList(),
        List.of(),
        List.of());
  }

  private static SortedMap<String, String> masked(
      SortedMap<String, String> inputs, SecretValues secrets) {
    var masked = new TreeMap<>(inputs);
    masked.replaceAll((name, value) -> isTold(name, value, secrets) ? value : masked(value));
    return masked;
  }

  /// Values of other inputs are never shown, and a variable may have been put into any of them.
  private static boolean isTold(String name, String value, SecretValues secrets) {
    return PLAIN.contains(name)
        || (name.startsWith(StepInputs.VARIABLE)
            && !secrets.isIn(name.substring(StepInputs.VARIABLE.length()), value));
  }

  /// An input as others see it. A digest still tells whether the value changed; the keys of the
  /// records, made of the same values, tell no less to whoever tries values.
  static String masked(String value) {
    return Digest.ofText(value).toString();
  }

  /// @throws ImageFormatException if it is none that this jbuild understands
  static CacheDocument parse(byte[] bytes) throws ImageFormatException {
    var json = JsonObject.parse(bytes, "the cache", MOST_BYTES);
    long version = json.requiredNumber("version");
    if (version != VERSION) {
      throw new ImageFormatException("the cache is of version " + version + ", which is not known");
    }
    var records = new ArrayList<SharedRecord>();
    for (var each : json.objects("records")) {
      records.add(SharedRecord.parse(each));
    }
    var builds = new ArrayList<BuildRecord>();
    for (var each : json.objects("builds")) {
      builds.add(BuildRecord.parse(each));
    }
    return new CacheDocument(records, builds);
  }
}
