package io.milena.group.model.oracle;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.coordinator.common.runtime.CoordinatorExecutor;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorResult;

/** Kafka's background work (regular expressions, assignors), done when the test says so. */
final class OracleTasks implements CoordinatorExecutor<CoordinatorRecord> {
  /** Runs a task; what it decides is written by the caller. */
  interface Task {
    CoordinatorResult<Void, CoordinatorRecord> run();
  }

  private final Map<String, Task> tasks = new LinkedHashMap<>();

  /** The oldest task, taken away, or null. */
  Task take() {
    if (tasks.isEmpty()) {
      return null;
    }
    String key = tasks.keySet().iterator().next();
    return tasks.remove(key);
  }

  @Override
  public <R> boolean schedule(
      String key, TaskRunnable<R> task, TaskOperation<CoordinatorRecord, R> operation) {
    return tasks.putIfAbsent(key, () -> outcome(task, operation)) == null;
  }

  private static <R> CoordinatorResult<Void, CoordinatorRecord> outcome(
      TaskRunnable<R> task, TaskOperation<CoordinatorRecord, R> operation) {
    R result = null;
    Throwable failure = null;
    try {
      result = task.run();
    } catch (Throwable thrown) { // as Kafka's executor: whatever is thrown is the task's outcome
      failure = thrown;
    }
    return operation.onComplete(result, failure);
  }

  @Override
  public boolean isScheduled(String key) {
    return tasks.containsKey(key);
  }

  @Override
  public void cancel(String key) {
    tasks.remove(key);
  }
}
