/**
 * Benchmarks that run against any broker by its address, to set Milena beside Apache Kafka. Plain
 * programs, not tests; nothing here runs in a build.
 */
package io.milena.bench;
