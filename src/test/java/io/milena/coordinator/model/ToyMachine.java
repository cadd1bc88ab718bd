package io.milena.coordinator.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.coordinator.group.generated.GroupMetadataKey;
import org.apache.kafka.coordinator.group.generated.GroupMetadataValue;

/**
 * Counters by name. {@code Add} is durable and serial by name; its answer's throttle time is the
 * sum. {@code Look} tells the sum at once. {@code Wait} never answers by itself, nor does {@code
 * Join}, which has a turn.
 */
public final class ToyMachine implements CoordinatorMachine<ToyMachine.Ask> {
  /** What the toy is asked. */
  public record Ask(String what, String name, int amount) {
    public static Ask add(String name, int amount) {
      return new Ask("add", name, amount);
    }

    public static Ask look(String name) {
      return new Ask("look", name, 0);
    }

    public static Ask of(String what, String name) {
      return new Ask(what, name, 0);
    }
  }

  /** The sum in an answer, or its error. */
  public static String told(ApiMessage body) {
    HeartbeatResponseData answer = (HeartbeatResponseData) body;
    Errors error = Errors.forCode(answer.errorCode());
    return error == Errors.NONE ? Integer.toString(answer.throttleTimeMs()) : error.name();
  }

  public final Map<String, Integer> sums = new HashMap<>();
  public final List<String> applied = new ArrayList<>();
  public final List<Object> timersHeard = new ArrayList<>();
  public final List<Token> waiting = new ArrayList<>();
  public boolean loaded;
  public boolean unloaded;
  public int padding;

  /** So many timers throw. */
  public int timerBreaks;

  /** What is thrown by what breaks. */
  public Throwable bug = new IllegalStateException("toy breaks");

  @Override
  public Object serialKey(Ask request) {
    return switch (request.what()) {
      case "add", "broken", "broken-later", "half-broken-later", "join" -> request.name();
      default -> null;
    };
  }

  @Override
  public Object serialKeyOfTimer(Object timerKey) {
    return timerKey.toString().startsWith("serial ") ? timerKey.toString().substring(7) : null;
  }

  @Override
  public String subject(Ask request) {
    return request.name();
  }

  private Decision breaks() {
    if (bug instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) bug;
  }

  @Override
  public Decision handle(Ask request, Token token, long nowMs) {
    return switch (request.what()) {
      case "add" -> add(request, token);
      case "look" -> Decision.answer(token, answer(sums.getOrDefault(request.name(), 0)));
      case "wait", "join" -> {
        waiting.add(token);
        yield Decision.NOTHING;
      }
      case "timer" ->
          Decision.now(
              List.of(new Answer(token, answer(0))),
              List.of(new Timer(request.name(), nowMs + request.amount())));
      case "broken-later" ->
          Decision.append(
              List.of(record(request.name(), 1)),
              new AfterAppend() {
                @Override
                public Decision committed(long now) {
                  return breaks();
                }

                @Override
                public Decision failed(Errors error, long now) {
                  return breaks();
                }
              });
      case "half-broken-later" ->
          Decisions.all(
              List.of(
                  () -> settles(request.name(), this::breaks),
                  () ->
                      settles(
                          request.name(),
                          () ->
                              Decision.now(
                                  List.of(), List.of(new Timer(request.name(), nowMs + 500))))));
      default -> breaks();
    };
  }

  private Decision settles(String name, Supplier<Decision> then) {
    return Decision.append(
        List.of(record(name, 1)),
        new AfterAppend() {
          @Override
          public Decision committed(long nowMs) {
            return then.get();
          }

          @Override
          public Decision failed(Errors error, long nowMs) {
            return then.get();
          }
        });
  }

  private Decision add(Ask request, Token token) {
    int sum = sums.getOrDefault(request.name(), 0) + request.amount();
    return Decision.append(
        List.of(record(request.name(), sum)),
        new AfterAppend() {
          @Override
          public Decision committed(long nowMs) {
            return Decision.answer(token, answer(sum));
          }

          @Override
          public Decision failed(Errors error, long nowMs) {
            return Decision.answer(token, new HeartbeatResponseData().setErrorCode(error.code()));
          }
        });
  }

  CoordinatorRecord record(String name, int sum) {
    return new CoordinatorRecord(
        new GroupMetadataKey().setGroup(name),
        new GroupMetadataValue()
            .setProtocolType("x".repeat(padding))
            .setGeneration(sum)
            .setProtocol(null)
            .setLeader(null),
        (short) 3);
  }

  public static HeartbeatResponseData answer(int sum) {
    return new HeartbeatResponseData().setThrottleTimeMs(sum);
  }

  @Override
  public Decision timer(Object timerKey, long nowMs) {
    timersHeard.add(timerKey);
    if (timerBreaks > 0) {
      timerBreaks--;
      return breaks();
    }
    if (timerKey.toString().startsWith("breaks later ")) {
      return settles(timerKey.toString(), this::breaks);
    }
    return timerKey.toString().startsWith("cancels ")
        ? Decision.now(List.of(), List.of(Timer.cancel(timerKey.toString().substring(8))))
        : Decision.NOTHING;
  }

  @Override
  public void apply(CoordinatorRecord record, long offset, long nowMs) {
    String name = ((GroupMetadataKey) record.key()).group();
    int sum = ((GroupMetadataValue) record.value()).generation();
    if (name.equals("nonsense")) {
      breaks();
    }
    sums.put(name, sum);
    applied.add(offset + ":" + name + "=" + sum);
  }

  @Override
  public Decision loaded(long nowMs) {
    loaded = true;
    return Decision.NOTHING;
  }

  @Override
  public List<Answer> unload(Errors error) {
    unloaded = true;
    return List.of();
  }

  @Override
  public ApiMessage refusal(Ask request, Errors error) {
    return refused(error);
  }

  public static HeartbeatResponseData refused(Errors error) {
    return new HeartbeatResponseData().setErrorCode(error.code());
  }
}
