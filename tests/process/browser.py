"""A headless Chromium, driven over the WebDriver protocol (W3C WebDriver, chapters 8 to 17).

    with Browser() as browser:
        browser.open("http://127.0.0.1:8101/console/")
        browser.wait_text("h1", "Services")
"""

import base64
import http.client
import json
import shutil
import subprocess
import tempfile

from cluster import free_port
from waiting import wait_until

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # the protocol's name for a reference
ARGUMENTS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--disable-dev-shm-usage", "--hide-scrollbars", "--window-size=1280,860"]
KEYS = {"tab": "\ue004", "enter": "\ue007", "escape": "\ue00c", "space": "\ue00d"}
START_TIMEOUT_S = 60
WAIT_TIMEOUT_S = 20


class Browser:
    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="troupe-browser-")
        self.port = free_port()
        self.driver = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "chromedriver", f"--port={self.port}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until(self._is_up, START_TIMEOUT_S, "chromedriver ready")
        options = {"binary": shutil.which("chromium"),
                   "args": [*ARGUMENTS, f"--user-data-dir={self.profile}"]}
        wanted = {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options,
                                  "goog:loggingPrefs": {"browser": "ALL"}}}
        made = self._call("POST", "/session", {"capabilities": wanted})
        self.session = "/session/" + made["sessionId"]
        return self

    def __exit__(self, *_):
        try:
            self._call("DELETE", self.session)
        finally:
            self.driver.kill()
            self.driver.wait()
            shutil.rmtree(self.profile, ignore_errors=True)

    def _is_up(self):
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=START_TIMEOUT_S)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            value = json.loads(connection.getresponse().read())["value"]
        finally:
            connection.close()
        if isinstance(value, dict) and "error" in value:
            raise AssertionError(f"{value['error']}: {value['message'].splitlines()[0]}")
        return value

    def call(self, method, path, body=None):
        return self._call(method, self.session + path, body)

    def open(self, url):
        self.call("POST", "/url", {"url": url})

    def run(self, script, *arguments):
        """What the script returns; it sees its arguments as `arguments`."""
        return self.call("POST", "/execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector):
        """The visible text of all elements that the selector finds."""
        return self.run("return [...document.querySelectorAll(arguments[0])]"
                        ".map(e => e.innerText).join('\\n')", selector)

    def wait_text(self, selector, part, timeout_s=WAIT_TIMEOUT_S):
        return wait_until(lambda: part in self.text(selector), timeout_s,
                          f"'{part}' in {selector}: {self.text('body')[:600]}")

    def wait_no_text(self, selector, part, timeout_s=WAIT_TIMEOUT_S):
        wait_until(lambda: part not in self.text(selector), timeout_s, f"no '{part}' in {selector}")

    def element(self, selector, text=""):
        """The first element of the selector that holds the text."""
        found = wait_until(lambda: self.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".find(e => e.innerText.includes(arguments[1]) || !arguments[1])", selector, text),
            WAIT_TIMEOUT_S, f"{selector} with '{text}'")
        return found[ELEMENT]

    def click(self, selector, text=""):
        self.call("POST", f"/element/{self.element(selector, text)}/click", {})

    def type(self, selector, text):
        element = self.element(selector)
        self.call("POST", f"/element/{element}/clear", {})
        self.call("POST", f"/element/{element}/value", {"text": text})

    def press(self, *keys):
        """On whatever has the focus."""
        actions = []
        for key in keys:
            value = KEYS.get(key, key)
            actions += [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]
        self.call("POST", "/actions", {"actions": [{"type": "key", "id": "k", "actions": actions}]})

    def focused_text(self):
        return self.run("return document.activeElement.innerText")

    def errors(self):
        """What the page's scripts complained about."""
        log = self.call("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in log if entry["level"] == "SEVERE"]

    def theme(self, name):
        self.run("document.documentElement.dataset.theme = arguments[0]", name)

    def screenshot(self, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self.call("GET", "/screenshot")))
