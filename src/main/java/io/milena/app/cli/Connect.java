package io.milena.app.cli;

import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import picocli.CommandLine.Option;

/** How the tools reach a broker. */
final class Connect {
  private static final String REQUEST_TIMEOUT_MS = "15000";

  @Option(
      names = {"-b", "--bootstrap-server"},
      paramLabel = "HOST:PORT",
      defaultValue = "localhost:9092",
      description = "Broker to ask first (default: ${DEFAULT-VALUE}).")
  private String bootstrap;

  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
    properties.setProperty(CommonClientConfigs.CLIENT_ID_CONFIG, "milena-cli");
    properties.setProperty("enable.metrics.push", "false");
    return properties;
  }

  Admin admin() {
    Properties properties = properties();
    properties.setProperty(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    properties.setProperty(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
    return Admin.create(properties);
  }
}
