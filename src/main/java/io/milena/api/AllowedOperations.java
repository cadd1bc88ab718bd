package io.milena.api;

/**
 * Bit sets of operations a client may do, as Metadata and DescribeCluster tell them when asked: bit
 * n stands for the ACL operation of code n. Without an authorizer everything is allowed.
 */
final class AllowedOperations {
  /** Not asked for. */
  static final int NOT_TOLD = Integer.MIN_VALUE;

  /**
   * read 3, write 4, create 5, delete 6, alter 7, describe 8, describe and alter configs 10, 11.
   */
  static final int ALL_ON_TOPIC =
      1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 7 | 1 << 8 | 1 << 10 | 1 << 11;

  /**
   * create 5, alter 7, describe 8, cluster action 9, describe and alter configs 10, 11, idempotent
   * write 12.
   */
  static final int ALL_ON_CLUSTER = 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9 | 1 << 10 | 1 << 11 | 1 << 12;

  /** read 3, delete 6, describe 8, describe and alter configs 10, 11. */
  static final int ALL_ON_GROUP = 1 << 3 | 1 << 6 | 1 << 8 | 1 << 10 | 1 << 11;

  private AllowedOperations() {}
}
