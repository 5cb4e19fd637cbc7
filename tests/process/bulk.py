"""Puts many keys quickly: many connections on one thread, one request at a time on each."""

import selectors
import socket

CONNECTIONS = 128
CHUNK = 65536


class Connection:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def put(self, key, value):
        self.socket.sendall(b"PUT /kv/v1/%s HTTP/1.1\r\nHost: t\r\nContent-Length: %d\r\n\r\n%s" %
                            (key, len(value), value))

    def take_status(self):
        """The status once a whole answer is here, else None."""
        more = self.socket.recv(CHUNK)
        assert more, "the node closed the connection"
        self.received += more
        head, found, body = self.received.partition(b"\r\n\r\n")
        if not found:
            return None
        length = content_length(head)
        if len(body) < length:
            return None
        self.received = body[length:]
        return int(head.split(b" ", 2)[1])


def content_length(head):
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


def put_many(port, prefix, count):
    """Puts `count` keys, each once more while it is refused; all are acknowledged at the end."""
    todo = list(range(count))
    selector = selectors.DefaultSelector()
    in_flight = {}

    def send_next(connection):
        if not todo:
            return
        number = todo.pop()
        in_flight[connection] = number
        connection.put(b"%s%d" % (prefix.encode(), number), b"value of %d" % number)

    for _ in range(CONNECTIONS):
        connection = Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        send_next(connection)
    while in_flight:
        for key, _ in selector.select(30):
            status = key.data.take_status()
            if status is None:
                continue
            number = in_flight.pop(key.data)
            if status != 200:
                todo.append(number)
            send_next(key.data)
    for key in list(selector.get_map().values()):
        key.fileobj.close()
    selector.close()
