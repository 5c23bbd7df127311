// Hypercore at the work of our logs: appends records in batches, and copies the log to a reader by its own protocol.
//
//   node peer.mjs write FOLDER RECORDS BATCH   appends, says {records, seconds, ...}, then serves on a free port until stdin ends
//   node peer.mjs read FOLDER KEY PORT         copies it all, says {records, bytes, seconds}
//
// RECORDS is a file of records, each with its length before it (two bytes, big-endian). Both sides keep the log on disk.
// Reading the records from their file is not in the times; a reader's time is from connecting until every block is there.

import fs from 'node:fs'
import net from 'node:net'
import Hypercore from 'hypercore'

const [job, folder, ...rest] = process.argv.slice(2)
const say = (told) => process.stdout.write(JSON.stringify(told) + '\n')
const seconds = (since) => Number(process.hrtime.bigint() - since) / 1e9

function recordsOf (file) {
  const data = fs.readFileSync(file)
  const records = []
  for (let at = 0; at < data.length;) {
    const length = data.readUInt16BE(at)
    records.push(data.subarray(at + 2, at + 2 + length))
    at += 2 + length
  }
  return records
}

async function write (file, batch) {
  const records = recordsOf(file)
  const core = new Hypercore(folder)
  await core.ready()
  const since = process.hrtime.bigint()
  for (let at = 0; at < records.length; at += batch) await core.append(records.slice(at, at + batch))
  const took = seconds(since)
  const server = net.createServer((socket) => {
    const stream = core.replicate(false)
    socket.on('error', () => {})
    stream.on('error', () => {})
    socket.pipe(stream).pipe(socket)
  })
  server.listen(0, '127.0.0.1', () => {
    say({ records: core.length, bytes: core.byteLength, seconds: took, key: core.key.toString('hex'), port: server.address().port })
  })
  process.stdin.on('end', async () => {
    server.close()
    await core.close()
    process.exit(0)
  }).resume()
}

async function read (key, port) {
  const core = new Hypercore(folder, Buffer.from(key, 'hex'))
  await core.ready()
  const since = process.hrtime.bigint()
  const socket = net.connect(port, '127.0.0.1')
  const stream = core.replicate(true)
  stream.on('error', () => {})
  socket.pipe(stream).pipe(socket)
  await core.update({ wait: true })
  await core.download({ start: 0, end: core.length }).done()
  const took = seconds(since)
  for (let at = 0; at < core.length; at++) if (!await core.has(at)) throw new Error(`block ${at} is missing`)
  say({ records: core.length, bytes: core.byteLength, seconds: took })
  socket.destroy()
  await core.close()
  process.exit(0)
}

if (job === 'write') await write(rest[0], Number(rest[1]))
else await read(rest[0], Number(rest[1]))
