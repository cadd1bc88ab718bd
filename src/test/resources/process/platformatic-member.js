// A member of a group, to be killed: says what it processed, then commits. It leaves at SIGTERM and
// joins again when its stream breaks. Words: bootstrap, topic, group, protocol.
//
// The stream of @platformatic/kafka 1.35.0 goes on with what it had buffered of a partition that
// its consumer has lost, and after each refresh of offsets it reads again what is still buffered;
// committed after each record, as here, that takes the group's offsets back. Seen with Apache Kafka
// 4.4.0 too, with both protocols (a member went on for 600 records and committed 588 after the new
// owner's 799). So this program does what the library leaves to it: it skips both, and has little
// buffered.
const { Consumer } = require('@platformatic/kafka')

const [bootstrap, topic, groupId, groupProtocol] = process.argv.slice(2)
let consumer

// for whoever looks for the cause of a failed run
function say(what, more = '') {
  process.stdout.write(`${groupId} ${what} at ${new Date().toISOString()} ${more}\n`)
}

function owns(partition) {
  return consumer.assignments?.some(a => a.topic === topic && a.partitions.includes(partition))
}

async function live() {
  consumer = new Consumer({
    groupId, clientId: 'member', bootstrapBrokers: [bootstrap], groupProtocol, retries: 10
  })
  for (const event of ['join', 'rebalance', 'leave']) {
    consumer.on(`consumer:group:${event}`, d => say(event, JSON.stringify(d)))
  }
  consumer.on('consumer:heartbeat:error', d => say('heartbeat error', d.error))
  consumer.on('client:broker:disconnect', () => say('disconnected'))
  consumer.on('error', e => say('error', e))
  const timing = groupProtocol === 'classic'
    ? { sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000 }
    : {}
  const stream = await consumer.consume({
    topics: [topic], autocommit: false, mode: 'committed', fallbackMode: 'earliest',
    maxWaitTime: 200, maxBytes: 4096, highWaterMark: 1, ...timing
  })
  const next = new Map() // by partition, what comes after the last one processed
  for await (const message of stream) {
    if (!owns(message.partition)) {
      next.delete(message.partition)
      continue
    }
    if (message.offset < (next.get(message.partition) ?? 0n)) continue
    next.set(message.partition, message.offset + 1n)
    process.stdout.write(`${groupId} processed ${message.partition} ${message.offset}\n`)
    await message.commit()
  }
}

async function main() {
  process.on('SIGTERM', () => consumer.close(true).finally(() => process.exit(0)))
  process.on('uncaughtException', e => say('uncaught', e.stack))
  for (;;) {
    try {
      await live()
    } catch (e) {
      say('again after', e)
    }
    await consumer.close(true).catch(e => say('closed', e))
  }
}

main()
