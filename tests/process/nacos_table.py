"""Conversations with a node: reads them from a .table file (tests/nacos/README.md), plays them."""

import re
import urllib.parse

PLACEHOLDERS = {
    "<number>": r"-?\d+",
    "<md5>": r"[0-9a-f]{32}",
    "<uuid>": r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)",
    "<text>": r'[^"]*',
    "<any>": r"(?s:.*)",
}
METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD")
FORM = "application/x-www-form-urlencoded"


class Turn:
    """One request and the answer that it must get."""

    def __init__(self, where, method, target):
        self.where = where
        self.method = method
        self.target = target
        self.headers = {}
        self.body = None
        self.status = None
        self.lines = []
        self.content_type = None
        self.answer_headers = {}

    def pattern(self):
        body = "\n".join(self.lines)
        if body.endswith("⏎"):
            body = body[:-1] + "\n"
        parts = re.split("(" + "|".join(map(re.escape, PLACEHOLDERS)) + ")", body)
        return "".join(PLACEHOLDERS.get(part, re.escape(part)) for part in parts)

    def expected(self):
        return "\n".join(self.lines)

    def __str__(self):
        return f"{self.where}: {self.method} {self.target}"


def _escape(text):
    r"""`\u0002` stands for the character; what is no ASCII is percent-encoded."""
    text = re.sub(r"\\u([0-9a-f]{4})", lambda m: chr(int(m[1], 16)), text)
    return urllib.parse.quote(text, safe="".join(map(chr, range(33, 127))))


def read(path):
    turns = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        where = f"{path.name}:{number}"
        if not line.strip() or line.startswith("#"):
            continue
        word, _, rest = line.partition(" ")
        turn = turns[-1] if turns else None
        if word in METHODS:
            turns.append(Turn(where, word, _escape(rest)))
        elif turn is None:
            raise ValueError(f"{where}: begins with an answer")
        elif word == "|":
            turn.lines.append(rest)
        elif turn.status is not None:
            raise ValueError(f"{where}: '{word}' stands behind the answer")
        elif word == "header":
            name, _, value = rest.partition(": ")
            turn.headers[name] = value
        elif word in ("form", "json"):
            turn.body = _escape(rest) if word == "form" else rest
            turn.headers.setdefault("Content-Type", FORM if word == "form" else "application/json")
        elif word == "type":
            turn.content_type = rest
        elif word == "has":
            name, _, value = rest.partition(": ")
            turn.answer_headers[name] = value
        elif word.isdigit():
            turn.status = int(word)
            turn.lines.append(rest)
        else:
            raise ValueError(f"{where}: '{word}' is no word of a table")
    for turn in turns:
        if turn.status is None:
            raise ValueError(f"{turn}: has no answer")
    return turns


def differences(turn, reply):
    """What is not as the table says, in words."""
    found = []
    if reply.status != turn.status:
        found.append(f"status {reply.status} instead of {turn.status}")
    text = reply.body.decode("utf-8", errors="replace")
    if not re.fullmatch(turn.pattern(), text):
        found.append(f"body\n      {text!r}\n      instead of\n      {turn.expected()!r}")
    if turn.content_type and reply.headers.get("content-type") != turn.content_type:
        found.append(f"type {reply.headers.get('content-type')} instead of {turn.content_type}")
    for name, value in turn.answer_headers.items():
        told = reply.headers.get(name.lower())
        expected = re.escape(value)
        for placeholder, form in PLACEHOLDERS.items():
            expected = expected.replace(re.escape(placeholder), form)
        if told is None or not re.fullmatch(expected, told):
            found.append(f"{name}: {told} instead of {value}")
    return found
