package io.milena.controller.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;

/**
 * What clients ask of the controller. Each carries a token by which its answer finds the one who
 * waits, and remembers what was once decided for it, so that a command run again after a write of
 * unknown outcome (R3) recognises its own work.
 */
public final class Commands {
  private Commands() {}

  /** A request that changes the cluster. */
  public sealed interface Command
      permits CreateTopics, DeleteTopics, CreatePartitions, AlterConfigs {
    /** Whoever waits. */
    Object token();
  }

  /**
   * CreateTopics.
   *
   * @param chosenIds ids given so far, filled by the machine
   */
  public record CreateTopics(
      Object token, CreateTopicsRequestData request, Map<String, Uuid> chosenIds)
      implements Command {
    /** A fresh one. */
    public CreateTopics(Object token, CreateTopicsRequestData request) {
      this(token, request, new HashMap<>());
    }
  }

  /**
   * DeleteTopics; topics by name or by id as in version 6.
   *
   * @param begun ids of the topics whose deletion was begun for this command
   */
  public record DeleteTopics(Object token, DeleteTopicsRequestData request, Map<Uuid, String> begun)
      implements Command {
    /** A fresh one. */
    public DeleteTopics(Object token, DeleteTopicsRequestData request) {
      this(token, request, new HashMap<>());
    }
  }

  /** CreatePartitions. */
  public record CreatePartitions(
      Object token, CreatePartitionsRequestData request, Map<String, List<List<Integer>>> planned)
      implements Command {
    /** A fresh one. */
    public CreatePartitions(Object token, CreatePartitionsRequestData request) {
      this(token, request, new HashMap<>());
    }
  }

  /**
   * Settings of topics, brokers and groups, judged before: only SET and DELETE of {@code
   * AlterConfigOp.OpType}. Run twice it does the same.
   */
  public record AlterConfigs(Object token, IncrementalAlterConfigsRequestData request)
      implements Command {}
}
