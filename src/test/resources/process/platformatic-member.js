// A member of a group, to be killed: says what it processed, then commits. It leaves at SIGTERM and
// joins again when its stream breaks. Words: bootstrap, topic, group, protocol.
//
// A plain loop over the stream of @platformatic/kafka 1.35.0 takes committed offsets back, with
// Apache Kafka 4.4.0 as with Milena and with both protocols:
// - The stream goes on with what it had buffered of a partition that its consumer has lost (a member
//   went on for 600 records and committed 588 after the new owner's 799), and after each join it
//   reads again what is still buffered. So this program has little buffered and skips both. When a
//   partition comes back before the stream has noticed that it was gone, the stream goes on behind
//   what was skipped: nobody processed that, and this program starts anew from what is committed.
// - A commit that is refused for a rebalance joins by itself and commits the same offset again, also
//   of a partition that went to another member meanwhile (167 after 184). The heartbeat joins too,
//   and the second join of a leader is the next rebalance. Without retries of the library a commit
//   does not join, so this program retries instead of it.
// - That join of a commit has the times of the consumer, not those of consume(): by default a session
//   of 60 s and a rebalance timeout of 102 s, while the library waits 30 s for an answer. A rebalance
//   that waits for a killed member then outlives the joins of the living, which come back as new
//   members (PreparingRebalance for 90 s). So the times are given to the consumer.
const { setTimeout: sleep } = require('node:timers/promises')
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

/** Until the rebalance that refused it is over, as long as the partition is ours. */
async function commit(message) {
  for (let attempt = 0; owns(message.partition); attempt++) {
    try {
      await message.commit()
      return true
    } catch (e) {
      const passes = e.findBy?.('needsRejoin', true) || e.findBy?.('apiId', 'STALE_MEMBER_EPOCH')
      if (!passes || attempt === 100) throw e
      await sleep(100)
    }
  }
  return false
}

/** Ours again after records were skipped: another member had them, or they must be read again. */
async function checkSkipped(partition, from) {
  const offsets = await consumer.listCommittedOffsets({ topics: [{ topic, partitions: [partition] }] })
  const committed = offsets.get(topic)?.find(offset => offset >= 0n) ?? -1n
  if (committed <= from) {
    throw new Error(`partition ${partition} is ours again, skipped from ${from}, committed ${committed}`)
  }
}

async function live() {
  const timing = groupProtocol === 'classic'
    ? { sessionTimeout: 6000, heartbeatInterval: 500, rebalanceTimeout: 10000 }
    : {}
  consumer = new Consumer({
    groupId, clientId: 'member', bootstrapBrokers: [bootstrap], groupProtocol, retries: 0, ...timing
  })
  for (const event of ['join', 'rebalance', 'leave']) {
    consumer.on(`consumer:group:${event}`, d => say(event, JSON.stringify(d)))
  }
  consumer.on('consumer:heartbeat:error', d => say('heartbeat error', d.error))
  consumer.on('client:broker:disconnect', () => say('disconnected'))
  consumer.on('error', e => say('error', e))
  const stream = await consumer.consume({
    topics: [topic], autocommit: false, mode: 'committed', fallbackMode: 'earliest',
    maxWaitTime: 200, maxBytes: 4096, highWaterMark: 1
  })
  const next = new Map() // by partition, what comes after the last one processed
  const skipped = new Map() // by partition, the first one that was not ours any more
  for await (const message of stream) {
    const { partition, offset } = message
    if (owns(partition)) {
      if (offset < (next.get(partition) ?? 0n)) continue
      if (offset > (skipped.get(partition) ?? offset)) {
        await checkSkipped(partition, skipped.get(partition))
      }
      skipped.delete(partition)
      process.stdout.write(`${groupId} processed ${partition} ${offset}\n`)
      if (await commit(message)) {
        next.set(partition, offset + 1n)
        continue
      }
    } else if (!(skipped.get(partition) <= offset)) {
      skipped.set(partition, offset)
    }
    next.delete(partition)
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
      await sleep(500)
    }
    await consumer.close(true).catch(e => say('closed', e))
  }
}

main()
