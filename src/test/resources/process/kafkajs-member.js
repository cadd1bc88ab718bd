// A member of a group, to be killed: says what it processed, then commits. It leaves at SIGTERM.
// Words: bootstrap, topic, group.
const { Kafka, logLevel } = require('kafkajs')

const [bootstrap, topic, groupId] = process.argv.slice(2)

async function main() {
  const kafka = new Kafka({
    clientId: 'member',
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 30, maxRetryTime: 1000 }
  })
  const consumer = kafka.consumer({
    groupId, sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000
  })
  process.on('SIGTERM', () => consumer.disconnect().then(() => process.exit(0)))
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    autoCommitInterval: 200,
    eachMessage: async ({ partition, message }) => {
      process.stdout.write(`${groupId} processed ${partition} ${message.offset}\n`)
    }
  })
}

main().catch(e => { console.log(`${groupId} failed ${e.stack}`); process.exit(1) })
