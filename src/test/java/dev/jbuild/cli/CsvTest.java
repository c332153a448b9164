package dev.jbuild.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class CsvTest {

  @Test
  void commasPartFields() {
    assertEquals(List.of("type=oci", "dest=a.tar"), Csv.fields("type=oci,dest=a.tar"));
    assertEquals(List.of("", "a", "", ""), Csv.fields(",a,,"));
    assertEquals(List.of(""), Csv.fields(""));
  }

  @Test
  void aQuotedFieldMayHoldCommas() {
    assertEquals(
        List.of("type=oci", "dest=a,b.tar", "x"), Csv.fields("type=oci,\"dest=a,b.tar\",x"));
  }

  @Test
  void aDoubledQuoteInAQuotedFieldIsOne() {
    assertEquals(List.of("a\"b", "c"), Csv.fields("\"a\"\"b\",c"));
  }
}
