/** Stories of one shard: on a disk moved by hand, and on real files. */
package io.milena.partition.shard;
