#!/usr/bin/env node
// Durable producer for goodhart: what it is given reaches the service's disk, or is refused by
// number. One file; npm install zeromq@6 beside it.
//
//     import { DurableProducer } from "./goodhart-durable.mjs";
//     const producer = await DurableProducer.open("tcp://127.0.0.1:5602");
//     await producer.send({ id: "e1", ts: "2026-11-20T09:31:05Z", actor: "ada" });
//     await producer.close();
//     console.log(producer.durable, producer.rejections);
//
//     node goodhart-durable.mjs --endpoint tcp://127.0.0.1:5602 events.ndjson
//
// Events are kept in memory until the service has them on disk; what is not known to be there
// when the process dies must be given again, under the same `stream`: `known` tells how many of
// its events the service has, so the first one to give is number known + 1. An event that comes
// twice is taken once. The protocol stands in src/edge/durable_frame.h of goodhart.
import { randomBytes } from "node:crypto";
import { createReadStream, readFileSync, realpathSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Dealer } from "zeromq";

const [HELLO, WELCOME, BATCH, ACK, NACK, REJECT, BYE, ERROR] = [1, 2, 3, 4, 5, 6, 7, 8];
const HEAD = 48;
const BATCH_EVENTS = 4096;
const BATCH_BYTES = 1 << 20;
const HELLO_MS = 1000; // silence after which the stream is opened again
const ERRORS = 30; // HELLOs in a row that are answered with ERROR
const STEP_MS = 200;

// That of zlib and PNG; zlib.crc32 is only in newer Nodes.
const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let i = 0; i < 8; i++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n >>> 0;
});
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = TABLE[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

function frameOf(kind, stream, number, count = 0, body = Buffer.alloc(0)) {
  const head = Buffer.alloc(HEAD);
  head.write("GHP1", 0, "latin1");
  head[4] = kind;
  head.writeUInt16LE(HEAD, 6);
  head.writeUInt32LE(body.length, 8);
  head.writeUInt32LE(body.length ? crc32(body) : 0, 12);
  stream.copy(head, 16);
  head.writeBigUInt64LE(BigInt(number), 32);
  head.writeUInt32LE(count, 40);
  return Buffer.concat([head, body]);
}

function frameRead(frame) {
  const body = frame.subarray(HEAD);
  if (
    frame.length < HEAD ||
    frame.toString("latin1", 0, 4) !== "GHP1" ||
    frame.readUInt16LE(6) !== HEAD ||
    frame.readUInt32LE(8) !== body.length ||
    frame.readUInt32LE(12) !== (body.length ? crc32(body) : 0)
  )
    return null;
  return {
    kind: frame[4],
    stream: frame.subarray(16, 32),
    number: Number(frame.readBigUInt64LE(32)),
    count: frame.readUInt32LE(40),
    body,
  };
}

// One event as a line with its end: an object, or JSON as text.
function lineOf(event) {
  const whole = typeof event === "string";
  const text = whole ? event.replace(/[\r\n]+$/, "") : JSON.stringify(event);
  const line = Buffer.from(text + "\n");
  if (text.includes("\n")) throw new TypeError("an event is one line of JSON");
  if (line.length > BATCH_BYTES) throw new TypeError("an event has less than 1 MiB");
  return line;
}

/** The service does not answer, or does not want this stream. Nothing is lost: what was given
 * is still kept, and flush() may be called again. */
export class DurableError extends Error {}

/** A stream of numbered events to a goodhart service. */
export class DurableProducer {
  known = 0; // number of the newest event that was durable before this producer began
  sent = 0; // number of the newest event that was given
  durable = 0; // all up to this number are on the service's disk, or were refused
  rejected = 0; // how many of them were refused
  resent = 0; // events that were sent once more
  rejections = []; // {number, reason, text}, where there is no onReject
  #id;
  #socket;
  #timer;
  #open = []; // lines of a batch that is not closed yet
  #openBytes = 0;
  #waiting = []; // batches to be written
  #written = []; // on their way, or durable unheard
  #newestWritten = 0;
  #credit = 0;
  #welcomed = false;
  #asked = false;
  #errors = 0;
  #trouble = "";
  #heard = performance.now();
  #saidHello = -Infinity;
  #waiters = []; // {done, resolve, reject, timeout}
  #turn = Promise.resolve(); // of those who send: each after the one before
  #busy = false;

  /** Opens a stream, and waits until the service has said how far it is.
   *   endpoint  the service's setting durable.bind
   *   stream    32 hexadecimal digits, to go on with a stream of before; else a new one
   *   onReject  called with each {number, reason, text}
   *   timeout   seconds that a call waits while nothing is heard before it rejects
   *   batch     events in one message, 1..4096
   *   secret, public, server   CURVE keys in Z85: one's own two, the service's public one */
  static async open(endpoint, options = {}) {
    const producer = new DurableProducer(endpoint, options);
    try {
      await producer.#wait(() => producer.#welcomed, producer.timeout);
    } catch (failure) {
      producer.abandon();
      throw failure;
    }
    return producer;
  }

  constructor(endpoint, { stream, onReject, timeout = 10, batch = 64, ...keys } = {}) {
    const given = ["secret", "public", "server"].filter((name) => keys[name] !== undefined);
    this.stream = stream ?? randomBytes(16).toString("hex");
    if (!/^[0-9a-f]{32}$/.test(this.stream))
      throw new TypeError("stream: 32 hexadecimal digits");
    if (!(batch >= 1 && batch <= BATCH_EVENTS)) throw new TypeError("batch: 1..4096 events");
    if (given.length % 3) throw new TypeError("secret, public and server go together");
    this.#id = Buffer.from(this.stream, "hex");
    Object.assign(this, { endpoint, timeout, batch, onReject });
    this.#socket = new Dealer({
      linger: 0,
      immediate: true, // what is queued for nobody would come out of turn later
      sendTimeout: 0,
      sendHighWaterMark: 1000,
      receiveHighWaterMark: 10000,
      heartbeatInterval: 5000,
      heartbeatTimeout: 15000,
      reconnectMaxInterval: 2000,
      ...(given.length && {
        curveSecretKey: keys.secret,
        curvePublicKey: keys.public,
        curveServerKey: keys.server,
      }),
    });
    this.#socket.connect(endpoint);
    this.#timer = setInterval(() => this.#step(), STEP_MS);
    this.#listen();
  }

  /** Takes one event (an object, or a line of JSON); resolves to its number. Waits while the
   * service gives no credit. */
  send(event) {
    const line = lineOf(event);
    const mine = this.#turn.then(async () => {
      if (!this.#room()) {
        this.#closeBatch();
        await this.#wait(() => this.#room(), this.timeout);
      }
      if (this.#openBytes + line.length > BATCH_BYTES) this.#closeBatch();
      if (this.pending === 0) this.#heard = performance.now(); // nothing was waited for
      if (this.#open.push(line) === 1) setImmediate(() => this.#closeBatch());
      this.#openBytes += line.length;
      this.sent++;
      if (this.#open.length >= this.batch) this.#closeBatch();
      return this.sent;
    });
    this.#turn = mine.catch(() => {});
    return mine;
  }

  /** Takes events in turn, also from an async iterable; resolves to the number of the last. */
  async sendMany(events) {
    for await (const event of events) await this.send(event);
    return this.sent;
  }

  /** Resolves when all that was sent is durable. timeout: seconds that nothing may be heard. */
  async flush(timeout = this.timeout) {
    await this.#turn;
    this.#closeBatch();
    await this.#wait(() => this.pending === 0, timeout);
  }

  /** Events that are not known to be durable. */
  get pending() {
    return this.sent - this.durable;
  }

  /** Flushes and disconnects. When that rejects, the producer is still open; abandon() ends it
   * without asking the service. */
  async close() {
    if (!this.#socket.closed) await this.flush();
    this.abandon();
  }

  /** Disconnects. Returns how many events are not known to be durable: give them again under
   * the same stream. */
  abandon() {
    clearInterval(this.#timer);
    if (!this.#socket.closed) this.#socket.close();
    for (const waiter of this.#waiters.splice(0))
      waiter.reject(new DurableError(`${this.endpoint}: abandoned`));
    return this.pending;
  }

  // --- the socket ---

  async #listen() {
    try {
      for await (const [frame] of this.#socket) {
        this.#hear(frame);
        this.#step();
      }
    } catch (failure) {
      if (!this.#socket.closed) throw failure;
    }
  }

  // One frame at a time, as the library asks for. False: there is no room, or nobody is there.
  async #write(frame) {
    try {
      await this.#socket.send(frame);
    } catch (failure) {
      if (failure.code === "EAGAIN" || this.#socket.closed) return false;
      throw failure;
    }
    return true;
  }

  #wait(done, timeout) {
    if (this.#waiters.length === 0) this.#heard = performance.now(); // before, nobody waited
    return new Promise((resolve, reject) => {
      this.#waiters.push({ done, resolve, reject, timeout: timeout * 1000 });
      this.#step();
    });
  }

  // Whoever waits for what has come goes on; a silence leads to HELLO, or to giving up.
  #step() {
    const quiet = performance.now() - this.#heard;
    this.#waiters = this.#waiters.filter((waiter) => {
      if (waiter.done()) waiter.resolve();
      else if (this.#errors >= ERRORS)
        waiter.reject(
          new DurableError(`${this.endpoint}: the service answers: ${this.#trouble}`),
        );
      else if (quiet >= waiter.timeout)
        waiter.reject(
          new DurableError(
            `${this.endpoint}: nothing was heard for ${waiter.timeout / 1000} s: ` +
              "is the service running, with store.folder set?",
          ),
        );
      else return true;
      return false;
    });
    this.#pump(quiet);
  }

  async #pump(quiet = 0) {
    if (this.#busy || this.#socket.closed) return;
    this.#busy = true;
    const now = performance.now();
    const silent = !this.#welcomed || quiet >= HELLO_MS;
    const waiting = this.#waiters.length > 0 || this.pending > 0;
    if (silent && waiting && now - this.#saidHello >= HELLO_MS) {
      this.#welcomed = false;
      this.#asked = true;
      if (await this.#write(frameOf(HELLO, this.#id, this.#oldest()))) this.#saidHello = now;
    }
    while (this.#mayWrite()) {
      const batch = this.#waiting.shift();
      this.#written.push(batch); // before it is written: the answer may come meanwhile
      if (batch.last <= this.#newestWritten) this.resent += batch.last - batch.first + 1;
      this.#newestWritten = Math.max(this.#newestWritten, batch.last);
      if (!(await this.#write(batch.frame))) {
        this.#rewind(batch.first);
        break;
      }
    }
    this.#busy = false;
  }

  // --- the protocol ---

  // The oldest event that can still be sent, or will be sent next.
  #oldest() {
    const batch = this.#written[0] ?? this.#waiting[0];
    return batch ? batch.first : this.sent - this.#open.length + 1;
  }

  // One batch may always be on its way, however small the credit, but at "stop".
  #covered(last, alone) {
    return this.#welcomed && this.#credit > 0 && (alone || last <= this.durable + this.#credit);
  }

  #room() {
    return this.#covered(this.sent + 1, this.pending === 0);
  }

  #mayWrite() {
    return (
      !this.#socket.closed &&
      this.#waiting.length > 0 &&
      this.#covered(this.#waiting[0].last, this.#written.length === 0)
    );
  }

  #closeBatch() {
    if (this.#open.length > 0) {
      const count = this.#open.length;
      const first = this.sent - count + 1;
      const frame = frameOf(BATCH, this.#id, first, count, Buffer.concat(this.#open));
      this.#waiting.push({ first, last: this.sent, frame });
      this.#open = [];
      this.#openBytes = 0;
    }
    this.#pump();
  }

  // What is written next is the batch that holds `number`.
  #rewind(number) {
    while (this.#written.length > 0 && this.#written.at(-1).last >= number)
      this.#waiting.unshift(this.#written.pop());
  }

  #durableTo(number, credit) {
    this.durable = Math.max(this.durable, number);
    this.#credit = credit;
    this.#errors = 0;
    for (const batches of [this.#written, this.#waiting])
      while (batches.length > 0 && batches[0].last <= this.durable) batches.shift();
  }

  #reject(number, body) {
    const { reason, text } = JSON.parse(body.toString());
    this.rejected++;
    if (this.onReject) this.onReject({ number, reason, text });
    else this.rejections.push({ number, reason, text });
  }

  #hear(frame) {
    const m = frameRead(frame);
    if (!m || (!m.stream.equals(this.#id) && m.kind !== ERROR)) return;
    this.#heard = performance.now();
    if (m.kind === WELCOME && this.#asked) {
      this.#durableTo(m.number, m.count);
      this.#welcomed = true;
      this.#asked = false;
      // Of an earlier run.
      if (this.sent < this.durable) this.sent = this.known = this.durable;
      this.#rewind(this.durable + 1);
    } else if (m.kind === ACK || m.kind === WELCOME) { // a slow service answers several HELLOs
      this.#durableTo(m.number, m.count);
    } else if (m.kind === NACK) {
      this.#rewind(m.number); // what came before it is not durable yet
    } else if (m.kind === REJECT) {
      this.#reject(m.number, m.body);
    } else if (m.kind === ERROR) {
      this.#trouble = m.body.toString();
      this.#errors += this.#asked ? 1 : 0; // only what is said to a HELLO counts
      this.#welcomed = this.#asked = false;
    }
  }
}

async function* linesOf(path) {
  const input = path === "-" ? process.stdin : createReadStream(path);
  for await (const line of createInterface({ input, crlfDelay: Infinity }))
    if (line.trim() !== "") yield line;
}

async function main() {
  const text = { type: "string" };
  const { values: a, positionals } = parseArgs({
    allowPositionals: true,
    options: { endpoint: text, stream: text, batch: text, timeout: text, secret: text,
               public: text, server: text },
  });
  if (positionals.length !== 1) throw new TypeError("name one file of events; - is stdin");
  const stream = a.stream ?? randomBytes(16).toString("hex");
  console.error(`stream ${stream}`);
  const producer = await DurableProducer.open(a.endpoint ?? "tcp://127.0.0.1:5602", {
    stream,
    batch: Number(a.batch ?? 64),
    timeout: Number(a.timeout ?? 10),
    secret: a.secret && readFileSync(a.secret, "ascii").trim(),
    public: a.public,
    server: a.server,
    onReject: (r) => console.error(`event ${r.number} is refused: ${r.reason}: ${r.text}`),
  });
  try {
    let number = 0;
    for await (const line of linesOf(positionals[0]))
      if (number++ >= producer.known) await producer.send(line);
    await producer.close();
  } finally {
    producer.abandon();
  }
  const { known, durable, rejected, resent } = producer;
  console.log(JSON.stringify({ stream, known_before: known, acknowledged: durable - known,
                               rejected, resent }));
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url))
  main().catch((failure) => {
    console.error(failure.message);
    process.exitCode = 1;
  });
