package io.milena.metadata;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.Test;

/** Deltas cut for messages and put together again. */
class ImagePartsTest {
  private static final int PART_BYTES = 20_000;

  @Test
  void shouldBringSettingsOfManyGroupsInSeveralPartsBesideTopics() {
    Map<String, Map<String, String>> groups = new HashMap<>();
    for (int i = 0; i < 1_000; i++) {
      groups.put("group-" + i, Map.of("consumer.session.timeout.ms", "50000"));
    }
    ImageDelta whole = delta(groups);

    List<ImageDelta> parts = ImageParts.split(whole, PART_BYTES);

    assertThat(parts).hasSizeGreaterThan(5);
    assertThat(parts).allMatch(part -> part.groupConfigs().size() < 200);
    assertThat(ImageParts.join(parts)).isEqualTo(whole);
  }

  @Test
  void shouldSendALittleInOnePart() {
    ImageDelta whole = delta(Map.of("g", Map.of("consumer.session.timeout.ms", "50000")));

    assertThat(ImageParts.split(whole, PART_BYTES)).containsExactly(whole);
  }

  private static ImageDelta delta(Map<String, Map<String, String>> groups) {
    PartitionImage partition =
        new PartitionImage(0, List.of(1), List.of(1), 1, 0, 0, List.of(), List.of());
    return new ImageDelta(
        "c",
        1,
        1,
        1,
        true,
        List.of(),
        List.of(),
        List.of(new TopicImage("t", Uuid.randomUuid(), List.of(partition), Map.of())),
        List.of(),
        Map.of(),
        groups);
  }
}
