/* otlp_vectors.h - what OpenTelemetry SDK 0.223.1 for JavaScript sent, byte for byte, but for
 * (d) and (e), whose bytes were put together from what it sends. */
#ifndef GH_OTLP_VECTORS_H
#define GH_OTLP_VECTORS_H

// clang-format off
/* (a) POST /v1/logs, application/json */
static const char gh_otlp_logs_json[] =
    "{\"resourceLogs\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
    "\"value\":{\"stringValue\":\"claude-code\"}},{\"key\":\"service.version\","
    "\"value\":{\"stringValue\":\"2.1.232\"}},{\"key\":\"os.type\","
    "\"value\":{\"stringValue\":\"linux\"}},{\"key\":\"host.arch\","
    "\"value\":{\"stringValue\":\"amd64\"}}],\"droppedAttributesCount\":0},"
    "\"scopeLogs\":[{\"scope\":{\"name\":\"com.anthropic.claude_code.events\","
    "\"version\":\"2.1.232\"},\"logRecords\":[{\"timeUnixNano\":\"1786000000123000000\","
    "\"observedTimeUnixNano\":\"1786000000128000000\",\"severityNumber\":9,"
    "\"severityText\":\"INFO\",\"body\":{\"stringValue\":\"claude_code.api_request\"},"
    "\"eventName\":\"claude_code.api_request\",\"attributes\":[{\"key\":\"session.id\","
    "\"value\":{\"stringValue\":\"5d3c0b1e-0000-4000-8000-000000000001\"}},"
    "{\"key\":\"user.id\",\"value\":{\"stringValue\":\"u-anon-1\"}},"
    "{\"key\":\"user.account_uuid\","
    "\"value\":{\"stringValue\":\"11111111-2222-4333-8444-555555555555\"}},"
    "{\"key\":\"user.email\",\"value\":{\"stringValue\":\"dev1@example.test\"}},"
    "{\"key\":\"organization.id\","
    "\"value\":{\"stringValue\":\"99999999-2222-4333-8444-555555555555\"}},"
    "{\"key\":\"terminal.type\",\"value\":{\"stringValue\":\"tmux\"}},"
    "{\"key\":\"event.name\",\"value\":{\"stringValue\":\"api_request\"}},"
    "{\"key\":\"event.timestamp\","
    "\"value\":{\"stringValue\":\"2026-08-06T07:06:40.123Z\"}},{\"key\":\"event.sequence\","
    "\"value\":{\"intValue\":7}},{\"key\":\"prompt.id\","
    "\"value\":{\"stringValue\":\"aaaaaaaa-1111-4222-8333-444444444444\"}},"
    "{\"key\":\"model\",\"value\":{\"stringValue\":\"claude-sonnet-5\"}},"
    "{\"key\":\"cost_usd\",\"value\":{\"doubleValue\":0.0123}},"
    "{\"key\":\"cost_usd_micros\",\"value\":{\"intValue\":12300}},{\"key\":\"duration_ms\","
    "\"value\":{\"intValue\":2345}},{\"key\":\"input_tokens\",\"value\":{\"intValue\":12}},"
    "{\"key\":\"output_tokens\",\"value\":{\"intValue\":345}},"
    "{\"key\":\"cache_read_tokens\",\"value\":{\"intValue\":45678}},"
    "{\"key\":\"cache_creation_tokens\",\"value\":{\"intValue\":901}},"
    "{\"key\":\"query_source\",\"value\":{\"stringValue\":\"repl_main_thread\"}},"
    "{\"key\":\"speed\",\"value\":{\"stringValue\":\"normal\"}}],"
    "\"droppedAttributesCount\":0}]}]}]}";

/* (b) POST /v1/logs, application/x-protobuf, in hex. It has no eventName. */
static const char gh_otlp_logs_hex[] =
    "0ae6060a690a1d0a0c736572766963652e6e616d65120d0a0b636c617564652d636f64650a1c0a0f7365"
    "72766963652e76657273696f6e12090a07322e312e3233320a120a076f732e7479706512070a056c696e"
    "75780a140a09686f73742e6172636812070a05616d643634100012f8050a2b0a20636f6d2e616e746872"
    "6f7069632e636c617564655f636f64652e6576656e74731207322e312e32333212c80509c0d42d988925"
    "c91810091a04494e464f2a190a17636c617564655f636f64652e6170695f7265717565737432340a0a73"
    "657373696f6e2e696412260a2435643363306231652d303030302d343030302d383030302d3030303030"
    "3030303030303132150a07757365722e6964120a0a08752d616e6f6e2d31323b0a11757365722e616363"
    "6f756e745f7575696412260a2431313131313131312d323232322d343333332d383434342d3535353535"
    "3535353535353532210a0a757365722e656d61696c12130a1164657631406578616d706c652e74657374"
    "32390a0f6f7267616e697a6174696f6e2e696412260a2439393939393939392d323232322d343333332d"
    "383434342d35353535353535353535353532170a0d7465726d696e616c2e7479706512060a04746d7578"
    "321b0a0a6576656e742e6e616d65120d0a0b6170695f72657175657374322d0a0f6576656e742e74696d"
    "657374616d70121a0a18323032362d30382d30365430373a30363a34302e3132335a32140a0e6576656e"
    "742e73657175656e63651202180732330a0970726f6d70742e696412260a2461616161616161612d3131"
    "31312d343232322d383333332d343434343434343434343434321a0a056d6f64656c12110a0f636c6175"
    "64652d736f6e6e65742d3532150a08636f73745f7573641209218d28ed0dbe30893f32160a0f636f7374"
    "5f7573645f6d6963726f731203188c6032120a0b6475726174696f6e5f6d73120318a91232120a0c696e"
    "7075745f746f6b656e731202180c32140a0d6f75747075745f746f6b656e73120318d90232190a116361"
    "6368655f726561645f746f6b656e73120418eee402321c0a1563616368655f6372656174696f6e5f746f"
    "6b656e73120318850732220a0c71756572795f736f7572636512120a107265706c5f6d61696e5f746872"
    "65616432110a05737065656412080a066e6f726d616c38005900207a988925c918";

/* (d) POST /v1/metrics: integers come as asDouble. */
static const char gh_otlp_metrics_json[] =
    "{\"resourceMetrics\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
    "\"value\":{\"stringValue\":\"claude-code\"}}]},"
    "\"scopeMetrics\":[{\"scope\":{\"name\":\"com.anthropic.claude_code\","
    "\"version\":\"2.1.232\"},\"metrics\":[{\"name\":\"claude_code.token.usage\","
    "\"description\":\"Number of tokens used\",\"unit\":\"tokens\","
    "\"sum\":{\"aggregationTemporality\":1,\"isMonotonic\":true,"
    "\"dataPoints\":[{\"attributes\":[{\"key\":\"type\","
    "\"value\":{\"stringValue\":\"output\"}},{\"key\":\"model\","
    "\"value\":{\"stringValue\":\"claude-sonnet-5\"}}],"
    "\"startTimeUnixNano\":\"1795307621298000000\","
    "\"timeUnixNano\":\"1795307621299000000\",\"asDouble\":345}]}}]}]}]}";

/* (e) POST /v1/traces: intValue as a number, members that nobody needs. */
static const char gh_otlp_traces_json[] =
    "{\"resourceSpans\":[{\"resource\":{\"attributes\":[{\"key\":\"service.name\","
    "\"value\":{\"stringValue\":\"agent\"}}],\"droppedAttributesCount\":0},"
    "\"scopeSpans\":[{\"scope\":{\"name\":\"tracer\"},"
    "\"spans\":[{\"traceId\":\"5b8efff798038103d269b633813fc60c\","
    "\"spanId\":\"eee19b7ec3c1b174\",\"parentSpanId\":\"eee19b7ec3c1b173\","
    "\"name\":\"chat claude-sonnet-5\",\"kind\":3,"
    "\"startTimeUnixNano\":\"1795307621298000000\","
    "\"endTimeUnixNano\":\"1795307621399000000\","
    "\"attributes\":[{\"key\":\"gen_ai.usage.input_tokens\",\"value\":{\"intValue\":12}},"
    "{\"key\":\"gen_ai.response.finish_reasons\","
    "\"value\":{\"arrayValue\":{\"values\":[{\"stringValue\":\"stop\"}]}}}],"
    "\"droppedAttributesCount\":0,\"events\":[],\"droppedEventsCount\":0,"
    "\"status\":{\"code\":0},\"links\":[],\"droppedLinksCount\":0,\"flags\":257}]}]}]}";

/* Of the SDK for Python, 1.45.2, in hex: a span with an event; a histogram and two sums. */
static const char gh_otlp_span_hex[] =
    "0a95030a2f0a1a0a0c736572766963652e6e616d65120a0a086167656e742d70790a110a0b70726f6365"
    "73732e7069641202182a12e1020a260a096f70656e61692e76311203302e341a140a0a73636f70652e74"
    "69657212060a04676f6c6412b6020a108c2915cb1062b9d4c12e9860efa8b6d912083e12e4e2e5cf0e0f"
    "2208e200e3291cac11d42a0a63686174206770742d7830013980d00406c536ea1841e094110cc536ea18"
    "4a200a1967656e5f61692e75736167652e696e7075745f746f6b656e73120318ba094a200a1a67656e5f"
    "61692e75736167652e6f75747075745f746f6b656e73120218504a270a1a67656e5f61692e7265717565"
    "73742e74656d7065726174757265120921000000000000d03f4a360a1e67656e5f61692e726573706f6e"
    "73652e66696e6973685f726561736f6e7312142a120a060a0473746f700a080a066c656e6774684a0c0a"
    "0673747265616d120210015a2b09c0121406c536ea181209657863657074696f6e1a150a0e6578636570"
    "74696f6e2e7479706512030a01587a081204626f6f6d1802850100010000";
static const char gh_otlp_points_hex[] =
    "0a96040a2f0a1a0a0c736572766963652e6e616d65120a0a086167656e742d70790a110a0b70726f6365"
    "73732e7069641202182a12e2030a0b0a096f70656e61692e763112fd020a1967656e5f61692e636c6965"
    "6e742e746f6b656e2e75736167651a077b746f6b656e7d4ad6020ad10211055147822885ea181905794c"
    "822885ea1821020000000000000029000000000050944032800100000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000001000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000010000000000000000000000"
    "000000000000000000000000000000000000000000000000000000003a78000000000000000000000000"
    "000014400000000000002440000000000000394000000000000049400000000000c05240000000000000"
    "59400000000000406f400000000000407f4000000000007087400000000000408f40000000000088a340"
    "000000000088b34000000000004cbd40000000000088c3404a1c0a1167656e5f61692e746f6b656e2e74"
    "79706512070a05696e707574590000000000805640610000000000e892401002122a0a0563616c6c733a"
    "210a1b1105464a822885ea181905794c822885ea183103000000000000001002180112270a046f70656e"
    "3a1f0a1b11f1d94b822885ea181905794c822885ea1831feffffffffffffff1002";
// clang-format on

#endif
