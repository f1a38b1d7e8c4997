// peer_otlp.mjs FOLDER - what a receiver written in Node does first: reads the requests that
// bench_otlp left with JSON.parse and adds up a token count.
import { readFileSync } from "node:fs";

const bytes = readFileSync(`${process.argv[2]}/otlp.json`);
const bodies = [];
for (let at = 0; at < bytes.length;) {
  const size = parseInt(bytes.toString("latin1", at, at + 8), 16);
  bodies.push(bytes.subarray(at + 8, at + 8 + size));
  at += 8 + size;
}

function read(body) {
  let records = 0, tokens = 0;
  for (const resource of JSON.parse(body.toString("utf8")).resourceLogs)
    for (const scope of resource.scopeLogs)
      for (const record of scope.logRecords) {
        records++;
        for (const attribute of record.attributes)
          if (attribute.key === "input_tokens") tokens += Number(attribute.value.intValue);
      }
  return [records, tokens];
}

let best = Infinity;
for (let round = 0; round < 15; round++) {
  const start = process.cpuUsage();
  let records = 0, tokens = 0;
  for (const body of bodies) {
    const [more, count] = read(body);
    records += more;
    tokens += count;
  }
  if (!(tokens > 0)) process.exit(1);
  best = Math.min(best, process.cpuUsage(start).user * 1000 / records);
}
console.log(JSON.stringify({ name: "otlp peer: Node, JSON", ns_per_event: Math.round(best) }));
