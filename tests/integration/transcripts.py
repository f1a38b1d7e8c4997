"""Made-up transcripts of Claude Code with everything that leads importers astray: answers on
several lines, sessions that go on in another file, subagents, old and new ways to tell the
same, lines that are cut off. Not in them unless asked for: copies of a parent's calls in a
subagent's file under another requestId."""
import json
import pathlib
import random

MODELS = ["claude-sonnet-4-20250514", "claude-opus-4-20250514", "claude-haiku-4-5-20251001"]
SECRET = "zebra"  # stands in every text and must not come out


class Transcripts:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.number = 0
        self.files = {}
        self.copies = {}  # file: lines that repeat a parent's call
        for project in range(3):
            for session in range(4):
                self.session(f"-home-dev-p{project}", f"{seed}-{project}-{session}")

    def next(self, prefix):
        self.number += 1
        return f"{prefix}{self.number}"

    def usage(self):
        pick = self.random.randrange
        told = {"input_tokens": pick(3000), "output_tokens": pick(2000),
                "cache_creation_input_tokens": pick(5000),
                "cache_read_input_tokens": pick(100000), "service_tier": "standard"}
        way = pick(4)
        if way == 0:  # told apart by how long it is kept, too
            short = pick(told["cache_creation_input_tokens"] + 1)
            told["cache_creation"] = {
                "ephemeral_5m_input_tokens": short,
                "ephemeral_1h_input_tokens": told["cache_creation_input_tokens"] - short}
        elif way == 1:  # old versions
            del told["cache_creation_input_tokens"], told["cache_read_input_tokens"]
        return told

    def user(self, at, session, parent, content, **more):
        return {"type": "user", "uuid": self.next("u"), "parentUuid": parent,
                "timestamp": at, "sessionId": session, "isSidechain": False, "version": "2.1.9",
                "message": {"role": "user", "content": content}} | more

    def answer(self, at, session, parent, **more):
        """The lines of one answer: they repeat its usage."""
        tool = self.next("toolu_")
        blocks = [{"type": "thinking", "thinking": SECRET, "signature": "x"},
                  {"type": "text", "text": f"{SECRET} {self.number} \ud83d of the answer"},
                  {"type": "tool_use", "id": tool, "name": "Bash",
                   "input": {"command": f"echo {SECRET}",
                             "deep": {"usage": {"input_tokens": 9}}}}]
        message = {"id": self.next("msg_"), "role": "assistant", "type": "message",
                   "model": self.random.choice(MODELS), "usage": self.usage()}
        request, lines = self.next("req_"), []
        for block in self.random.sample(blocks, self.random.randint(1, 3)):
            lines.append({"type": "assistant", "uuid": self.next("a"), "parentUuid": parent,
                          "timestamp": at, "sessionId": session, "isSidechain": False,
                          "requestId": request, "version": "2.1.9", "message": message |
                          {"content": [block], "stop_reason": None}} | more)
            parent = lines[-1]["uuid"]
        lines[-1]["message"]["stop_reason"] = "end_turn"
        return lines

    def turn(self, day, session, parent, **more):
        """A question, and answers with what tools gave back between them."""
        minute = self.random.randrange(0, 1400)
        at = f"2026-08-{day:02}T{minute // 60:02}:{minute % 60:02}:30.5{self.number % 100:02}Z"
        lines = [self.user(at, session, parent, f"{SECRET}, please {self.number}", **more)]
        for _ in range(self.random.randint(1, 3)):
            lines += self.answer(at, session, lines[-1]["uuid"], **more)
            lines.append(self.user(at, session, lines[-1]["uuid"], [
                {"type": "tool_result", "tool_use_id": "t", "content": [
                    {"type": "text", "text": f"{SECRET} {self.number}"}]}],
                toolUseResult={"stdout": SECRET, "patch": [{"lines": [SECRET] * 5000}]},
                **more))
        return lines

    def session(self, project, name):
        session, lines = f"session-{name}", [{"type": "summary", "summary": SECRET}]
        for _ in range(self.random.randint(1, 4)):
            lines += self.turn(self.random.randint(1, 5), session, None)
        # A subagent in the way of old versions: in the same file, beside the main line.
        lines += self.turn(3, session, None, isSidechain=True)
        # Without a requestId each line is a call; an error that the program made up is none.
        lines += [self.without_request(session), self.error(session)]
        self.files[f"{project}/{session}.jsonl"] = lines
        agent = self.turn(4, session, None, isSidechain=True, agentId=f"agent{name}")
        inside = f"{project}/{session}/subagents/agent-{name}.jsonl"
        self.files[inside] = agent
        parents = [line for line in lines if line["type"] == "assistant" and
                   not line["isSidechain"] and "requestId" in line]
        self.copies[inside] = [line | {"requestId": line["requestId"] + "-again",
                                       "isSidechain": True, "uuid": line["uuid"] + "-again"}
                               for line in parents[:4]]
        # The session goes on in another file, which begins with all that was said before.
        if self.random.random() < 0.5:
            again = [line | {"sessionId": session + "-on"} for line in lines
                     if "requestId" in line or line["type"] == "user"]
            self.files[f"{project}/{session}-on.jsonl"] = again + self.turn(
                5, session + "-on", again[-1]["uuid"])

    def without_request(self, session):
        line = self.answer("2026-08-02T10:00:00Z", session, None)[0]
        del line["requestId"]
        return line | {"costUSD": 0.25}

    def error(self, session):
        line = self.answer("2026-08-02T11:00:00Z", session, None)[0]
        line["message"] |= {"model": "<synthetic>", "usage": {"input_tokens": 0,
                                                              "output_tokens": 0}}
        return line | {"isApiErrorMessage": True}

    def write(self, root, copies):
        """As ~/.claude: returns the folder."""
        for name, lines in self.files.items():
            file = pathlib.Path(root, "projects", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            text = [json.dumps(line) for line in
                    lines + (self.copies.get(name, []) if copies else [])]
            text.insert(len(text) // 2, "")
            text.insert(len(text) // 3, text[-1][:-20])  # a program that died while writing
            file.write_text("\n".join(text) + "\n")
        return str(root)
