"""HTTP as the tests speak it: keep-alive connections, and answers sorted by what is known."""

import http.client
import json
import urllib.parse

# What is known of a request after it was made.
DONE = "done"  # answered 2xx, 304, 404 or 412: it says what it did
NOT_DONE = "not_done"  # surely did not happen
UNKNOWN = "unknown"  # may or may not have happened


class Answer:
    """Status, headers and body of an answer; status 0 when there was none."""

    def __init__(self, status=0, headers=None, body=b"", sent=False):
        self.status = status
        self.headers = headers or {}
        self.body = body
        self.sent = sent

    def json(self):
        return json.loads(self.body)

    def outcome(self):
        if self.status == 0:
            return UNKNOWN if self.sent else NOT_DONE
        if self.status < 300 or self.status in (304, 404, 412):
            return DONE
        return NOT_DONE if self.status < 500 or self.retriable() else UNKNOWN

    def retriable(self):
        try:
            return bool(self.json().get("retriable"))
        except (ValueError, AttributeError):
            return b"did not find the Leader node" in self.body

    def version(self):
        """The ETag as a number, None when there is none."""
        tag = self.headers.get("ETag", "").strip('"')
        return int(tag) if tag else None


class Client:
    """One keep-alive connection to one node."""

    def __init__(self, port, timeout_s=15, host="127.0.0.1"):
        self.host = host
        self.port = port
        self.timeout_s = timeout_s
        self.connection = None

    def request(self, method, target, body=None, headers=None):
        """The answer; a broken connection is an answer with status 0."""
        sent = False
        try:
            self._connect()
            sent = True
            self.connection.request(method, target, body, headers or {})
            reply = self.connection.getresponse()
            return Answer(reply.status, reply.headers, reply.read(), True)
        except (OSError, http.client.HTTPException):
            self.close()
            return Answer(sent=sent)

    def get_json(self, target):
        """The body of a 200 answer as JSON, else None."""
        answer = self.request("GET", target)
        return answer.json() if answer.status == 200 else None

    def _connect(self):
        # http.client drops its socket when the node said that it closes.
        if self.connection is not None and self.connection.sock is not None:
            return
        connection = http.client.HTTPConnection(self.host, self.port, timeout=self.timeout_s)
        connection.connect()
        self.connection = connection

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def kv_target(key):
    return "/kv/v1/" + urllib.parse.quote(key, safe="")


def naming_target(path, **parameters):
    return f"/nacos/v1/ns/{path}?" + urllib.parse.urlencode(parameters)
