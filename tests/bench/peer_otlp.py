#!/usr/bin/python3
"""peer_otlp - what a receiver written in Python does first: reads the requests that bench_otlp
left, with json and with the protobuf package, and adds up a token count.

    peer_otlp FOLDER"""
import importlib.util
import json
import os
import subprocess
import sys
import time

ROUNDS = 3
SCHEMA = "src/edge/otlp/otlp.proto"


def requests(path):
    """Each stands behind its size."""
    found = []
    with open(path, "rb") as source:
        while size := source.read(8):
            found.append(source.read(int(size, 16)))
    return found


def best(name, read, bodies):
    """The fastest round; `read` returns records and tokens of a body."""
    times, tokens = [], 0
    for _ in range(ROUNDS):
        start, records, tokens = time.process_time(), 0, 0
        for body in bodies:
            more = read(body)
            records, tokens = records + more[0], tokens + more[1]
        times.append((time.process_time() - start) * 1e9 / records)
    print(json.dumps({"name": name, "ns_per_event": round(min(times))}), flush=True)
    return tokens


def read_json(body):
    records = tokens = 0
    for resource in json.loads(body)["resourceLogs"]:
        for scope in resource["scopeLogs"]:
            for record in scope["logRecords"]:
                records += 1
                for attribute in record["attributes"]:
                    if attribute["key"] == "input_tokens":
                        tokens += int(attribute["value"]["intValue"])
    return records, tokens


def schema(folder):
    subprocess.run(["protoc", f"--proto_path={os.path.dirname(SCHEMA)}",
                    f"--python_out={folder}", SCHEMA], check=True)
    spec = importlib.util.spec_from_file_location("otlp_pb2", f"{folder}/otlp_pb2.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def binary_reader(folder):
    message = schema(folder).LogsRequest

    def read(body):
        records = tokens = 0
        for resource in message.FromString(body).resource_logs:
            for scope in resource.scope_logs:
                for record in scope.log_records:
                    records += 1
                    for attribute in record.attributes:
                        if attribute.key == b"input_tokens":
                            tokens += attribute.value.int_value
        return records, tokens
    return read


def main():
    folder = sys.argv[1]
    one = best("otlp peer: Python, protobuf", binary_reader(folder),
               requests(f"{folder}/otlp.pb"))
    other = best("otlp peer: Python, JSON", read_json, requests(f"{folder}/otlp.json"))
    return 0 if one == other else 1


if __name__ == "__main__":
    sys.exit(main())
