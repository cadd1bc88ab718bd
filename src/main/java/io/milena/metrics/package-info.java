/**
 * What the broker counts and how it is told: plain counters on the hot path, and a Micrometer
 * registry for Prometheus that is made when somebody first asks for it.
 *
 * <p>Names are those that the usual rules of the Prometheus JMX exporter give Kafka's meters, and
 * {@code milena_} for our own. A counter's name ends in {@code _total}; a histogram has {@code
 * quantile} from 0.50 to 0.999 and 1 (the largest; of the last minute or two, off by at most a
 * quarter), {@code _count} and {@code _sum} (both since the start).
 *
 * <pre>
 * kafka_server_brokertopicmetrics_*      bytesin, bytesout, messagesin, bytesrejected, total and
 *                                        failed produce and fetch requests; by topic, "" for all
 * kafka_network_requestmetrics_*         requests by request and version; by request: totaltimems,
 *                                        requestqueuetimems, localtimems, remotetimems,
 *                                        responsequeuetimems, requestbytes, responsebytes
 * kafka_server_socket_server_metrics_*   connection_count, connection_creation; by listener
 * kafka_server_replicamanager_*          partitioncount, leadercount, underreplicatedpartitions,
 *                                        underminisrpartitioncount, atminisrpartitioncount,
 *                                        reassigningpartitions, offlinereplicacount
 * kafka_controller_kafkacontroller_*     activecontrollercount, globaltopiccount,
 *                                        globalpartitioncount, offlinepartitionscount,
 *                                        preferredreplicaimbalancecount, activebrokercount,
 *                                        fencedbrokercount; all 0 where the controller is not
 * kafka_log_log_*                        size, logstartoffset, logendoffset, numlogsegments; by
 *                                        topic and partition, gone with the partition
 * kafka_cluster_partition_laststableoffsetlag
 *                                        by topic and partition, gone with the partition
 * kafka_log_logflushstats_logflushrateandtimems
 *                                        fsyncs of segment files
 * kafka_server_kafkaserver_brokerstate   1 starting, 3 running, 7 shutting down
 * kafka_server_zookeeperclientmetrics_zookeeperrequestlatencyms
 * kafka_server_sessionexpirelistener_*   zookeeperdisconnects, zookeeperexpires
 * kafka_coordinator_group_groupmetadatamanager_*
 *                                        numoffsets, numgroups, numgroups by state
 * kafka_server_group_coordinator_metrics_*
 *                                        group_count by protocol, consumer_group_count and
 *                                        num_partitions by state; offset_commit_count,
 *                                        offset_expiration_count, offset_deletion_count,
 *                                        group_completed_rebalance_count,
 *                                        consumer_group_rebalance_count; partition_load_time_avg
 *                                        and _max; event_purgatory_time_ms (append to commit),
 *                                        event_processing_time_ms (a step, on its event loop),
 *                                        their quantile 1 is the longest of late; what is counted
 *                                        by group is looked at every 5 s
 *
 * milena_eventloop_lag_seconds           by loop: how late its timers come
 * milena_verticle_queue_seconds          by verticle (partition-N, group-N, controller, node): how
 * milena_verticle_handling_seconds       long work waits for it, and takes: a request of a shard or
 *                                        of a group on its loop;
 *                                        decisions of the controller until ZooKeeper has them;
 *                                        images of the node until they are published
 * milena_bus_roundtrip_seconds           by peer, a broker id: question to answer
 * milena_bus_sent_bytes, _received_bytes by peer; what goes by reference has none
 * milena_log_writes, _appends, _written_bytes
 * milena_log_write_coalescing            appends per write
 * milena_log_cold_reads                  reads away from the log end, found by a worker
 * milena_log_slow_regions                those of them that were not in the page cache
 * milena_partition_staged_bytes          by shard: taken and not yet written
 * milena_partition_waiting_appends       by shard: requests that wait for room among them
 * milena_group_open_requests             that coordinators have not answered, waiting members too
 * milena_group_unsettled_steps           decisions of coordinators that are not in the log yet
 * milena_group_batches_committed, _records_committed, _records_loaded, _appends_failed
 * milena_connections_refused             by listener and reason
 * milena_zookeeper_requests_in_flight, milena_image_number, milena_scrape_silent_shards
 * jvm_*, process_*, system_*             by Micrometer
 * </pre>
 *
 * <p>Not there, for there is nothing to count yet: throttle times (quotas), ISR shrinks and expands
 * and the lag of followers (replication), errors and response send times by request. Rates of what
 * Kafka's coordinator counts are Prometheus' affair; it has threads and a queue of its own for
 * events, here both are those of a verticle.
 *
 * <p>Neighbours: {@code base} below, everybody above; {@code app} wires them. Rules: counting never
 * allocates, locks or blocks, and nothing is counted per record; what only a scrape needs is asked
 * for by the scrape; nothing of Micrometer is loaded before the first scrape.
 */
package io.milena.metrics;
