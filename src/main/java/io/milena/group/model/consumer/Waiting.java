package io.milena.group.model.consumer;

import io.milena.coordinator.model.Answer;
import io.milena.coordinator.model.Token;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;

/**
 * Those whose answer waits for records. No more than one for each group, for the steps of a group
 * wait for one another.
 */
final class Waiting {
  private final Map<Token, Function<Errors, ApiMessage>> refusals = new IdentityHashMap<>();

  void add(Token token, Function<Errors, ApiMessage> refusal) {
    refusals.put(token, refusal);
  }

  void remove(Token token) {
    refusals.remove(token);
  }

  /** Answers all. */
  List<Answer> refuse(Errors error) {
    List<Answer> answers = new ArrayList<>(refusals.size());
    refusals.forEach((token, refusal) -> answers.add(new Answer(token, refusal.apply(error))));
    refusals.clear();
    return answers;
  }
}
