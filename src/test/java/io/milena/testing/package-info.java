/** What tests of all packages share. */
package io.milena.testing;
