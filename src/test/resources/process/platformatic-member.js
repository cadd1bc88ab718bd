// A member of a group, to be killed: says what it processed, then commits. It leaves at SIGTERM and
// joins again when its stream breaks. Words: bootstrap, topic, group, protocol.
const { Consumer } = require('@platformatic/kafka')

const [bootstrap, topic, groupId, groupProtocol] = process.argv.slice(2)
let consumer

async function live() {
  consumer = new Consumer({
    groupId, clientId: 'member', bootstrapBrokers: [bootstrap], groupProtocol, retries: 10
  })
  const timing = groupProtocol === 'classic'
    ? { sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000 }
    : {}
  const stream = await consumer.consume({
    topics: [topic], autocommit: false, mode: 'committed', fallbackMode: 'earliest',
    maxWaitTime: 200, ...timing
  })
  for await (const message of stream) {
    process.stdout.write(`${groupId} processed ${message.partition} ${message.offset}\n`)
    await message.commit()
  }
}

async function main() {
  process.on('SIGTERM', () => consumer.close(true).finally(() => process.exit(0)))
  process.on('uncaughtException', e => process.stdout.write(`${groupId} uncaught ${e}\n`))
  for (;;) {
    try {
      await live()
    } catch (e) {
      process.stdout.write(`${groupId} again after ${e}\n`)
    }
    await consumer.close(true).catch(e => process.stdout.write(`${groupId} closed: ${e}\n`))
  }
}

main()
