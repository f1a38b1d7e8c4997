// peer_live.mjs EVENTS - what one would write first in Node: takes events over ZeroMQ and adds
// up the tokens of every actor. Prints where it listens, and a line when it has taken EVENTS.
import { createRequire } from "node:module";

// The packages lie in build/, so that the source tree stays clean.
const zmq = createRequire(process.env.NODE_PACKAGES + "/")("zeromq");
const wanted = Number(process.argv[2]);
const socket = new zmq.Pull();
const tokensOf = new Map();
let events = 0;

await socket.bind("tcp://127.0.0.1:*");
console.log(socket.lastEndpoint);
for await (const [frame] of socket) {
  for (const line of frame.toString().split("\n")) {
    if (line === "") continue;
    const event = JSON.parse(line);
    const tokens = (event.input_tokens ?? 0) + (event.cache_read_tokens ?? 0) +
      (event.cache_write_tokens ?? 0) + (event.output_tokens ?? 0);
    tokensOf.set(event.actor, (tokensOf.get(event.actor) ?? 0) + tokens);
    events++;
  }
  if (events >= wanted) break;
}
console.log("all");
socket.close();
