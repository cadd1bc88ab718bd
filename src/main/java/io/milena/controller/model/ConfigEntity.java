package io.milena.controller.model;

/**
 * Whose settings: the folder under {@code /config}, or for groups {@code /milena/config}, and the
 * name in it.
 *
 * @param kind topics, brokers or groups
 * @param name topic name, broker id as text, {@link #DEFAULT}, or group id
 */
public record ConfigEntity(Kind kind, String name) {
  /** Name of the cluster-wide default. */
  public static final String DEFAULT = "<default>";

  /** Broker id under which the image holds the cluster-wide default. */
  public static final int DEFAULT_BROKER = -1;

  /** The folder. */
  public enum Kind {
    TOPICS("topics"),
    BROKERS("brokers"),
    GROUPS("groups");

    private final String folder;

    Kind(String folder) {
      this.folder = folder;
    }

    /** Name of the folder. */
    public String folder() {
      return folder;
    }
  }

  /** Settings of a topic. */
  public static ConfigEntity topic(String name) {
    return new ConfigEntity(Kind.TOPICS, name);
  }

  /** Settings of a broker, or with {@link #DEFAULT_BROKER} of all. */
  public static ConfigEntity broker(int id) {
    return new ConfigEntity(Kind.BROKERS, id == DEFAULT_BROKER ? DEFAULT : Integer.toString(id));
  }

  /** Settings of a group. */
  public static ConfigEntity group(String groupId) {
    return new ConfigEntity(Kind.GROUPS, groupId);
  }

  /** {@code entity_path} of a change notice; groups have none. */
  public String path() {
    return kind.folder() + "/" + name;
  }
}
