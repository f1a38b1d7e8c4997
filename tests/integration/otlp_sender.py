#!/usr/bin/python3
"""otlp_sender.py URL none|gzip COUNT - sends COUNT calls as OpenTelemetry's SDK for Python
does, in protobuf: log records of Claude Code, spans of the GenAI conventions, and the metric
that tells the same tokens again. Exit 0 when all were taken."""
import logging
import sys

from opentelemetry._logs import LogRecord
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor
from opentelemetry.sdk.metrics import Counter, MeterProvider
from opentelemetry.sdk.metrics.export import (AggregationTemporality,
                                              PeriodicExportingMetricReader)
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind

START_NS = 1786000000 * 10**9
WHO = {"session.id": "s-1", "user.email": "dev1@example.test", "model": "claude-sonnet-5"}


class Complaints(logging.Handler):
    """Exporters say what was refused to a logger, and to nobody else."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.texts = []

    def emit(self, record):
        self.texts.append(record.getMessage())


def main(url, compression, count):
    complaints = Complaints()
    logging.getLogger("opentelemetry").addHandler(complaints)

    def settings(signal):
        return {"endpoint": f"{url}/v1/{signal}", "timeout": 20,
                "compression": Compression.Gzip if compression == "gzip"
                else Compression.NoCompression}

    agent = Resource({"service.name": "claude-code"})
    logs = LoggerProvider(resource=agent)
    logs.add_log_record_processor(BatchLogRecordProcessor(OTLPLogExporter(**settings("logs"))))
    logger = logs.get_logger("com.anthropic.claude_code.events", "2.1.232")
    spans = TracerProvider(resource=Resource({"service.name": "some-app"}))
    spans.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(**settings("traces"))))
    tracer = spans.get_tracer("some.instrumentation")
    for i in range(count):
        logger.emit(LogRecord(
            timestamp=START_NS + i * 10**9, body="claude_code.api_request",
            attributes=WHO | {
                "event.name": "api_request", "event.sequence": i, "cost_usd": 0.5,
                "input_tokens": i, "output_tokens": 10, "cache_read_tokens": "1000",
                "request_id": f"req_python_{compression}_{i}"}))
        tracer.start_span(
            "chat gpt-5", kind=SpanKind.CLIENT, start_time=START_NS + i * 10**9, attributes={
                "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai",
                "gen_ai.request.model": "gpt-5", "user.email": "dev2@example.test",
                "gen_ai.response.id": f"resp_python_{compression}_{i}",
                "gen_ai.response.finish_reasons": ("stop",),
                "gen_ai.usage.input_tokens": 1200,
                "gen_ai.usage.cache_read.input_tokens": 900,
                "gen_ai.usage.output_tokens": 80}).end(START_NS + i * 10**9 + 5 * 10**8)
    exporter = OTLPMetricExporter(
        **settings("metrics"), preferred_temporality={Counter: AggregationTemporality.DELTA})
    meters = MeterProvider(resource=agent, metric_readers=[
        PeriodicExportingMetricReader(exporter, export_interval_millis=3600000)])
    meters.get_meter("com.anthropic.claude_code").create_counter(
        "claude_code.token.usage").add(345, WHO | {"type": "output"})
    for provider in (logs, spans, meters):
        provider.force_flush()
        provider.shutdown()
    for text in complaints.texts:
        print(text, file=sys.stderr)
    return 1 if complaints.texts else 0


sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
