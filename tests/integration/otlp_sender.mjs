// otlp_sender.mjs URL json|protobuf none|gzip COUNT [TOKEN] - sends COUNT calls as an SDK of
// OpenTelemetry does: log records of Claude Code, spans of the GenAI conventions, and the
// metric that tells the same tokens again. Exit 0 when all were taken.
import { createRequire } from "node:module";

// The packages lie in build/, so that the source tree stays clean.
const load = createRequire(process.env.NODE_PACKAGES + "/");
const part = (name) => load(`@opentelemetry/${name}`);
const [url, encoding, compression, count, token] = process.argv.slice(2);
const kind = encoding === "json" ? "http" : "proto";
const { LoggerProvider, BatchLogRecordProcessor } = part("sdk-logs");
const { BasicTracerProvider, BatchSpanProcessor } = part("sdk-trace-base");
const { MeterProvider, PeriodicExportingMetricReader } = part("sdk-metrics");
const { OTLPLogExporter } = part(`exporter-logs-otlp-${kind}`);
const { OTLPTraceExporter } = part(`exporter-trace-otlp-${kind}`);
const { OTLPMetricExporter } = part(`exporter-metrics-otlp-${kind}`);
const { resourceFromAttributes } = part("resources");

// What an exporter is told, whoever calls it.
const results = [];
function watched(exporter) {
  const inner = exporter.export.bind(exporter);
  exporter.export = (items, done) => inner(items, (result) => {
    results.push(result);
    done(result);
  });
  return exporter;
}

const settings = (signal) => ({
  url: `${url}/v1/${signal}`, compression, timeoutMillis: 20000,
  headers: token ? { Authorization: `Bearer ${token}` } : {},
});
const resource = (service) => resourceFromAttributes({ "service.name": service });
const who = {
  "session.id": "s-1", "user.email": "dev1@example.test", model: "claude-sonnet-5",
};

const logs = new LoggerProvider({
  resource: resource("claude-code"),
  processors: [new BatchLogRecordProcessor({
    exporter: watched(new OTLPLogExporter(settings("logs"))),
  })],
});
const logger = logs.getLogger("com.anthropic.claude_code.events", "2.1.232");
for (let i = 0; i < Number(count); i++) {
  logger.emit({
    timestamp: 1786000000000 + i * 1000,
    body: "claude_code.api_request",
    attributes: {
      ...who, "event.name": "api_request", "event.sequence": i, cost_usd: 0.5,
      input_tokens: i, output_tokens: 10, cache_read_tokens: "1000",
      request_id: `req_${encoding}_${compression}_${i}`,
    },
  });
}

const spans = new BasicTracerProvider({
  resource: resource("some-app"),
  spanProcessors: [new BatchSpanProcessor(watched(new OTLPTraceExporter(settings("traces"))))],
});
const tracer = spans.getTracer("some.instrumentation");
for (let i = 0; i < Number(count); i++) {
  const span = tracer.startSpan("chat gpt-5", {
    kind: 2, startTime: 1786000000000 + i * 1000,
    attributes: {
      "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-5", "user.email": "dev2@example.test",
      "gen_ai.response.id": `resp_${encoding}_${compression}_${i}`,
      "gen_ai.response.finish_reasons": ["stop"],
      "gen_ai.usage.input_tokens": 1200, "gen_ai.usage.cache_read.input_tokens": 900,
      "gen_ai.usage.output_tokens": 80,
    },
  });
  span.end(1786000000500 + i * 1000);
}

const reader = new PeriodicExportingMetricReader({
  exporter: watched(new OTLPMetricExporter(settings("metrics"))),
  exportIntervalMillis: 3600000,
});
const meters = new MeterProvider({ resource: resource("claude-code"), readers: [reader] });
meters.getMeter("com.anthropic.claude_code").createCounter("claude_code.token.usage")
  .add(345, { ...who, type: "output" });

// What was refused is in `results`; the metric is told again at the end.
await Promise.allSettled([logs.forceFlush(), spans.forceFlush(), meters.forceFlush()]);
await Promise.allSettled([logs.shutdown(), spans.shutdown(), meters.shutdown()]);
const bad = results.filter((result) => result.code !== 0);
for (const { error } of bad) console.error(`${error?.name}: ${error?.message}`);
console.log(JSON.stringify({ exports: results.length, failed: bad.length }));
process.exit(bad.length > 0 || results.length < 3 ? 1 : 0);
