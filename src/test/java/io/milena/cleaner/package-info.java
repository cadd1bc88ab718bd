/** Stories of cleaners on real shards and real files. */
package io.milena.cleaner;
