/** Contract with the pinned kafka-clients, and headers. */
package io.milena.protocol;
