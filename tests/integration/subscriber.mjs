// subscriber.mjs ENDPOINT COUNT TOPIC... - prints each alert as [topic, sequence, body] until
// COUNT alerts have come; "ready" on standard error with the first heartbeat.
import { createRequire } from "node:module";

// The packages lie in build/, so that the source tree stays clean.
const zmq = createRequire(process.env.NODE_PACKAGES + "/")("zeromq");
const [endpoint, count, ...topics] = process.argv.slice(2);
const socket = new zmq.Subscriber();

socket.connect(endpoint);
socket.subscribe("heartbeat/", ...topics);
let left = Number(count);
let ready = false;
for await (const [topic, sequence, body] of socket) {
  if (topic.toString() === "heartbeat/") {
    if (!ready) console.error("ready");
    ready = true;
    continue;
  }
  const row = [topic.toString(), Number(sequence.readBigUInt64BE()), body.toString()];
  console.log(JSON.stringify(row));
  if (--left === 0) break;
}
socket.close();
