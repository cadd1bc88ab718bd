package io.milena.zookeeper.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Id and password of a ZooKeeper session, kept so that the next start can close the session of a
 * killed process and free its ephemerals at once (R6).
 *
 * <p>One line of text: {@code 1 <session id as 16 hex digits> <password in base64>}, mode 0600,
 * replaced by rename. Not synced: after a power loss the session is long expired anyway. A file
 * that cannot be read counts as absent. Blocking; called from workers only.
 */
public final class SessionFile {
  private static final Logger LOG = LoggerFactory.getLogger(SessionFile.class);
  private static final String VERSION = "1";
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final Path file;

  /** What the file says. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Session(long id, byte[] password) {}

  public SessionFile(Path file) {
    this.file = file;
  }

  /** Closes the session that an earlier process left behind, if there is one, and forgets it. */
  public void closeLast(ZkOptions options) throws IOException, InterruptedException {
    Optional<Session> last = read();
    if (last.isPresent()) {
      ZkClients.closeSession(options, last.get());
      delete();
    }
  }

  /** Keeps the session of a connected client. */
  public void keep(long sessionId, byte[] password) {
    write(new Session(sessionId, password));
  }

  /** After a clean close there is nothing to keep. */
  public void forget() {
    delete();
  }

  Optional<Session> read() {
    try {
      if (!Files.exists(file)) {
        return Optional.empty();
      }
      String[] words = Files.readString(file).trim().split(" ");
      if (words.length == 3 && words[0].equals(VERSION)) {
        return Optional.of(
            new Session(
                Long.parseUnsignedLong(words[1], 16), Base64.getDecoder().decode(words[2])));
      }
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("Cannot read {}, its session will expire by itself: {}", file, e.toString());
    }
    return Optional.empty();
  }

  void write(Session session) {
    String line =
        String.format(
            "%s %016x %s%n",
            VERSION, session.id(), Base64.getEncoder().encodeToString(session.password()));
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    try {
      Files.createDirectories(file.toAbsolutePath().getParent());
      Files.deleteIfExists(temporary);
      if (Files.getFileStore(file.toAbsolutePath().getParent())
          .supportsFileAttributeView("posix")) {
        Files.createFile(temporary, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
      }
      Files.write(
          temporary,
          line.getBytes(StandardCharsets.UTF_8),
          StandardOpenOption.CREATE,
          StandardOpenOption.WRITE);
      Files.move(
          temporary, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      LOG.warn(
          "Cannot keep the ZooKeeper session in {}; after a crash its ephemeral nodes stay until"
              + " they expire: {}",
          file,
          e.toString());
    }
  }

  void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      LOG.warn("Cannot delete {}: {}", file, e.toString());
    }
  }
}
