package io.milena.zookeeper.client;

/**
 * A znode as it was read.
 *
 * @param path relative to the chroot
 * @param data its bytes, or null (not copied: do not change)
 * @param stat its versions and times
 */
@SuppressWarnings("ArrayRecordComponent") // never compared; the codecs read it at once
public record ZNode(String path, byte[] data, ZStat stat) {
  /** The parent of a path; "/" for a path of one level. */
  public static String parentOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash <= 0 ? "/" : path.substring(0, slash);
  }
}
