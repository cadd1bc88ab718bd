/** Stories of raw sockets against the TCP listeners, properties of the frame splitter, a bench. */
package io.milena.network;
