// Two members of a group read a topic together; prints OK when every record was seen and committed.
const { Kafka, logLevel } = require('kafkajs')

const bootstrap = process.argv[2]
const topic = 'kafkajs-group'
const groupId = 'kafkajs'
const count = 400

async function main() {
  const kafka = new Kafka({ clientId: 'group', brokers: [bootstrap], logLevel: logLevel.ERROR })
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 4, replicationFactor: 1 }] })
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: count }, (_, i) => ({ value: `v${i}`, partition: i % 4 }))
  await producer.send({ topic, messages, acks: -1 })

  const seen = new Set()
  const members = [0, 1].map(() => kafka.consumer({ groupId, sessionTimeout: 10000 }))
  let done
  const all = new Promise(resolve => { done = resolve })
  for (const member of members) {
    await member.connect()
    await member.subscribe({ topics: [topic], fromBeginning: true })
    await member.run({
      autoCommitThreshold: 10,
      eachMessage: async ({ partition, message }) => {
        seen.add(`${partition}-${message.offset}`)
        if (seen.size === count) done()
      }
    })
  }
  await all
  for (const member of members) await member.disconnect()
  const offsets = await admin.fetchOffsets({ groupId, topics: [topic] })
  const sum = offsets[0].partitions.reduce((s, p) => s + Number(p.offset), 0)
  if (sum !== count) throw new Error(`committed ${sum}`)
  const described = await admin.describeGroups([groupId])
  if (described.groups[0].state !== 'Empty') throw new Error(described.groups[0].state)
  await admin.deleteGroups([groupId])
  await producer.disconnect()
  await admin.disconnect()
  console.log('OK')
}

main().catch(e => { console.error(e); process.exit(1) })
