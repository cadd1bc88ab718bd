package io.milena.group.model;

import org.apache.kafka.common.protocol.ApiMessage;

/**
 * One question to the coordinator of a group, already split so that it concerns a single group (or,
 * with {@code groupId} null, every group of the partition: ListGroups).
 *
 * @param apiKey Kafka's key of the API, e.g. 11 for JoinGroup
 * @param apiVersion of the client's request
 * @param groupId checked to be one that the API allows, or null
 * @param body the API's request data, with this group alone in it
 * @param clientId of the client, or empty
 * @param clientHost as Kafka writes it: {@code /127.0.0.1}
 */
public record GroupRequest(
    short apiKey,
    short apiVersion,
    String groupId,
    ApiMessage body,
    String clientId,
    String clientHost) {}
