package io.milena.controller.model;

/**
 * Whose settings: the folder under {@code /config} and the name in it.
 *
 * @param kind topics or brokers
 * @param name topic name, broker id as text, or {@link #DEFAULT}
 */
public record ConfigEntity(Kind kind, String name) {
  /** Name of the cluster-wide default. */
  public static final String DEFAULT = "<default>";

  /** Broker id under which the image holds the cluster-wide default. */
  public static final int DEFAULT_BROKER = -1;

  /** The folder under {@code /config}. */
  public enum Kind {
    TOPICS("topics"),
    BROKERS("brokers");

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

  /** {@code entity_path} of a change notice. */
  public String path() {
    return kind.folder() + "/" + name;
  }
}
