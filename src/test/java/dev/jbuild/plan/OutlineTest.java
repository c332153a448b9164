package dev.jbuild.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class OutlineTest {

  /// What is allocated stands for the work: not every name is looked for in every comment.
  @Test
  void manyCommentsAboveManyArgumentsAreReadOnce() {
    int count = 2_000;
    var text = new StringBuilder("FROM scratch\n");
    for (int i = 0; i < count; i++) {
      text.append("# a").append(i).append("  is ").append(i).append('\n');
    }
    text.append("# a7 is told already\nARG none");
    for (int i = 0; i < count; i++) {
      text.append(" a").append(i);
    }
    var request = PlanBench.of(text.append('\n').toString()).request();
    if (!(new Planner(request).plan(Map.of()) instanceof Planning.Done(var plan))) {
      throw new AssertionError("scratch needs no image");
    }
    var dockerfile = request.dockerfile();
    var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    var arguments = Outline.of(plan, dockerfile).arguments();
    long each = (thread.getCurrentThreadAllocatedBytes() - before) / count;
    assertTrue(each < 5_000, each + " bytes for each name");
    assertEquals(count + 1, arguments.size());
    assertEquals(Optional.empty(), arguments.getFirst().description());
    assertEquals(Optional.of("is 7"), arguments.get(8).description());
    assertEquals(Optional.of("is " + (count - 1)), arguments.getLast().description());
  }
}
