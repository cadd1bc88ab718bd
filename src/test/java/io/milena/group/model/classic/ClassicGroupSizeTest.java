package io.milena.group.model.classic;

import static org.assertj.core.api.Assertions.assertThat;

import io.milena.group.model.classic.ClassicRig.Reply;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.junit.jupiter.api.Test;

/** Large groups: a step never holds up the others for long. */
class ClassicGroupSizeTest {
  private static final int MEMBERS = 1_000;
  private static final int METADATA_BYTES = 1_000;
  private static final long LONGEST_STEP_NS = 200_000_000;

  @Test
  void noStepOfAThousandMembersTakesLong() {
    long shortestRoundNs = Long.MAX_VALUE;
    for (int round = 0; round < 4; round++) {
      shortestRoundNs = Math.min(shortestRoundNs, longestStepNs());
    }
    System.out.printf("longest step with %d members: %d us%n", MEMBERS, shortestRoundNs / 1_000);
    assertThat(shortestRoundNs).isLessThan(LONGEST_STEP_NS);
  }

  private static long longestStepNs() {
    ClassicRig rig = ClassicRig.started();
    List<Reply> joins = new ArrayList<>();
    for (int i = 0; i < MEMBERS; i++) {
      joins.add(rig.join(9, request(rig.join(9, request("")).join().memberId())));
    }
    rig.pass(ClassicRig.GATHERED_MS);
    joins.forEach(rig::sync);
    assertThat(rig.state()).isEqualTo("Stable");
    List<Reply> again = new ArrayList<>();
    Reply leader = joins.stream().filter(j -> !j.join().members().isEmpty()).findFirst().get();
    again.add(rig.join(9, request(leader.join().memberId())));
    for (Reply joined : joins) {
      if (joined != leader) {
        again.add(rig.join(9, request(joined.join().memberId())));
      }
    }
    assertThat(rig.group().generation()).isEqualTo(2);
    again.forEach(rig::sync);
    assertThat(rig.state()).isEqualTo("Stable");
    return rig.longestStepNs;
  }

  private static JoinGroupRequestData request(String memberId) {
    JoinGroupRequestData request = ClassicRig.joining(memberId, "cooperative-sticky", "range");
    byte[] metadata = new byte[METADATA_BYTES];
    Arrays.fill(metadata, (byte) 7);
    request.protocols().forEach(protocol -> protocol.setMetadata(metadata));
    return request;
  }
}
