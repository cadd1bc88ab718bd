package io.milena.network;

import io.milena.storage.segment.FileSlice;
import io.netty.channel.DefaultFileRegion;

/**
 * A file slice on its way to a socket. The channel is shared by all readers of the segment and the
 * slice is given back by the answer's onDone, so nothing is closed here.
 */
final class SliceRegion extends DefaultFileRegion {
  SliceRegion(FileSlice slice) {
    super(slice.channel(), slice.position(), slice.sizeInBytes());
  }

  @Override
  protected void deallocate() {
    // the stock class would close the shared channel
  }
}
