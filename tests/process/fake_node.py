"""An HTTP server that answers from a script, for what a real cluster does not do on demand."""

import http.server
import threading


class FakeNode:
    """`answers`: list of (status, body) or None (closes without a word); the last one repeats."""

    def __init__(self, answers):
        self.answers = list(answers)
        self.requests = []
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def next_answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(self):
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                node.requests.append((self.command, self.path, body, self.headers))
                chosen = node.next_answer()
                if chosen is not None:
                    self.reply(*chosen)

            def reply(self, status, body):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = do_DELETE = answer

            def log_message(self, *_):
                pass

        return Handler
