package io.milena.api;

import io.milena.protocol.KafkaErrors;
import io.milena.protocol.SupportedApis;
import io.vertx.core.Future;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * InitProducerId 0-5 for idempotent producers (KIP-98, KIP-360). A producer without a transactional
 * id gets a new id each time, also when it names its old one. With a transactional id:
 * UNSUPPORTED_VERSION, which ends a Java producer at once, since this build has no transactions.
 */
public final class InitProducerIdApi implements ApiHandler {
  private static final Logger LOG = LoggerFactory.getLogger(InitProducerIdApi.class);

  private final ProducerIds ids;

  public InitProducerIdApi(ProducerIds ids) {
    this.ids = ids;
  }

  @Override
  public short apiKey() {
    return SupportedApis.INIT_PRODUCER_ID;
  }

  @Override
  public Future<ApiResponse> handle(ApiRequest request) {
    InitProducerIdRequestData data = request.decode(InitProducerIdRequestData::new);
    Errors refusal = refusal(data);
    if (refusal != Errors.NONE) {
      LOG.debug("InitProducerId of {} refused: {}", request.clientId(), refusal);
      return Future.succeededFuture(ApiResponse.of(failed(refusal)));
    }
    return ids.next()
        .map(id -> new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0))
        .otherwise(failure -> failed(KafkaErrors.of(failure)))
        .map(ApiResponse::of);
  }

  private static Errors refusal(InitProducerIdRequestData data) {
    boolean hasId = data.producerId() != RecordBatch.NO_PRODUCER_ID;
    boolean hasEpoch = data.producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
    if (hasId != hasEpoch || (data.transactionalId() != null && data.transactionalId().isEmpty())) {
      return Errors.INVALID_REQUEST;
    }
    return data.transactionalId() == null ? Errors.NONE : Errors.UNSUPPORTED_VERSION;
  }

  private static InitProducerIdResponseData failed(Errors error) {
    return new InitProducerIdResponseData()
        .setErrorCode(error.code())
        .setProducerId(RecordBatch.NO_PRODUCER_ID)
        .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH);
  }
}
