/**
 * What consumer groups see of the topics of a cluster image: which ones an expression matches
 * ({@code RegexSearch}, let in by {@code RegexGuard}), whether new ones came ({@code ImageWatch}),
 * whether theirs changed ({@code TopicHashes}). So {@code consumer} learns when to search anew and
 * when an assignment is due.
 *
 * <p>Neighbours: {@code metadata} is the image; {@code state} has the subscriptions and the topics
 * that were found. No search holds the loop: it goes on slice by slice, and expressions of clients
 * are bounded before they are compiled. Of the owner's thread.
 */
package io.milena.group.model.consumer.topics;
