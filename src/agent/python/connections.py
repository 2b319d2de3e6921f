"""Clients: who they are, what they have said, and what is still to be sent to them."""

LONGEST_REQUEST = 1 << 20
LONGEST_ANSWER = 16 << 20
MOST_WAITING = 32 << 20
ROOM_BYTES = 256 << 10
PATIENCE_SECONDS = 1
SO_PEERCRED = 17


class Request:
    def __init__(self, agent, connection, message):
        self.agent = agent
        self.connection = connection
        self.id = message.get("id")
        self.op = message.get("op")
        self.wishes = message
        self.worker = None
        if type(self.id) is not int or type(self.op) is not str:
            raise ValueError("no request")

    def text(self, name, default=None):
        return self.wish(name, str, default)

    def number(self, name, default=None):
        return self.wish(name, int, default)

    def flag(self, name):
        return self.wish(name, bool, False)

    def decimal(self, name):
        value = self.wishes.get(name)
        return float(value) if type(value) is int else self.wish(name, float, None)

    def words(self, name):
        values = self.wish(name, list, [])
        if not all(type(each) is str for each in values):
            raise Failure("bad-request", "%s is no list of texts" % name)
        return values

    def wish(self, name, kind, default):
        value = self.wishes.get(name)
        if value is None:
            return default
        if type(value) is not kind:
            raise Failure("bad-request", "%s is no %s" % (name, kind.__name__))
        return value

    def event(self, event):
        self.connection.send({"id": self.id, "event": event})


class Connection:
    def __init__(self, agent, sock):
        self.agent = agent
        self.sock = sock
        credentials = sock.getsockopt(_socket.SOL_SOCKET, SO_PEERCRED, 12)
        self.pid, self.uid = (int.from_bytes(credentials[at : at + 4], sys.byteorder) for at in (0, 4))
        self.name = ""
        self.greeted = False
        self.closed = False
        self.since = self.heard = monotonic()
        self.incoming = bytearray()
        self.outgoing = bytearray()
        self.lock = allocate_lock()
        self.workers = {}
        self.consoles = {}

    def receive(self):
        """Reads what is there. Answers the messages that are whole; None when the client has gone, or is none of ours."""
        try:
            data = self.sock.recv(65536)
        except BlockingIOError:
            return []
        if not data:
            return None
        self.incoming += data
        messages = []
        while len(self.incoming) >= 4:
            size = int.from_bytes(self.incoming[:4], "big")
            if size > LONGEST_REQUEST:
                return None
            if len(self.incoming) < 4 + size:
                break
            message = decode_json(bytes(self.incoming[4 : 4 + size]))
            del self.incoming[: 4 + size]
            if type(message) is not dict:
                return None
            messages.append(message)
        return messages

    def send(self, message):
        data = encode_json(message)
        if len(data) > LONGEST_ANSWER:
            error = {"code": "too-long", "message": "the answer has %d bytes" % len(data)}
            data = encode_json({"id": message.get("id"), "error": error})
        with self.lock:
            if self.closed:
                return
            self.outgoing += len(data).to_bytes(4, "big")
            self.outgoing += data
        self.agent.wake()

    def finish(self, request_id, answer):
        self.workers.pop(request_id, None)
        if answer.get("ok") is not LATER:
            answer["id"] = request_id
            self.send(answer)

    def wait_for_room(self):
        """Holds a worker up that says more than its client takes. Ends when the client has gone."""
        while len(self.outgoing) > ROOM_BYTES and not self.closed:
            sleep(0.01)

    def flush(self):
        """Sends what the socket takes. Answers whether the client is still there."""
        with self.lock:
            if len(self.outgoing) > MOST_WAITING:
                return False
            try:
                while self.outgoing:
                    del self.outgoing[: self.sock.send(self.outgoing[:65536])]
            except BlockingIOError:
                pass
            except OSError:
                return False
        return True

    def patience(self):
        """For how long a thread is waited for that is about to end: what runs on it may never."""
        return 0 if self.workers else PATIENCE_SECONDS

    def close(self):
        self.closed = True
        for worker in list(self.workers.values()):
            worker.cancel()
        for console in self.consoles.values():
            console.thread.end(self.patience())
        self.consoles.clear()
        self.agent.hooks.remove_where(lambda hook: hook.owner is self)
        for each in list(self.agent.streams):
            if each.request.connection is self:
                discard(self.agent.streams, each)
        self.sock.close()

    def facts(self):
        return {
            "pid": self.pid,
            "uid": self.uid,
            "name": self.name,
            "seconds": monotonic() - self.since,
            "isOwn": False,
        }
