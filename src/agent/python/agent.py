"""The thread that serves clients on a Unix socket, and how it leaves: on demand, when nobody has been heard for the
time of the lease, and when the program ends or forks.
"""

GREETING_SECONDS = 5
MOST_CONNECTIONS = 32
# Calls are told together, since a thread that takes the GIL for each of them costs the program more than the telling: the
# first one at once, further ones after so long, until there were none for a while.
GATHER_MILLISECONDS = 25
GATHER_SECONDS = 0.1


class Agent:
    def __init__(self, settings):
        self.protocol = PROTOCOL
        self.version = settings["version"]
        self.directory = settings["directory"]
        self.lease = settings["lease"]
        self.pid = os.getpid()
        self.thread_id = native_thread_id()
        self.ident = get_ident()
        self.started = self.heard = monotonic()
        self.connections = []
        self.left_workers = []
        self.hooks = Hooks()
        self.streams = []
        # Whether streams are looked after without being asked to.
        self.is_gathering = False
        self.told_at = 0
        # Calls that are kept, when somebody has wanted that.
        self.records = None
        self.leaving = False
        self.is_clean = False
        self.cleaning = allocate_lock()
        self.listener = None
        self.wake_fds = []

    def open(self):
        self.wake_fds = [lifted(fd) for fd in os.pipe()]
        for fd in self.wake_fds:
            os.set_blocking(fd, False)
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        self.listener = socket_of(listener.detach())
        path = self.directory + "/s"
        self.listener.bind(path)
        os.chmod(path, 0o600)
        self.listener.listen(16)
        atexit.register(self.at_exit)

    def serve(self):
        while not self.leaving:
            self.wait()
            self.end_leases()
        # What was said last is worth a moment.
        deadline = monotonic() + 1
        while monotonic() < deadline and any(each.outgoing for each in self.connections):
            self.wait()

    def wait(self):
        poll = make_poll()
        readable, writable = select.POLLIN, select.POLLIN | select.POLLOUT
        poll.register(self.wake_fds[0], readable)
        if not self.leaving:
            poll.register(self.listener.fileno(), readable)
        by_fd = {each.sock.fileno(): each for each in self.connections}
        for fd, connection in by_fd.items():
            poll.register(fd, writable if connection.outgoing else readable)
        for fd, _ in poll.poll(self.wait_milliseconds()):
            if fd == self.wake_fds[0]:
                self.drain()
            elif fd in by_fd:
                self.serve_connection(by_fd[fd])
            elif not self.leaving:
                self.accept()
        for stream in list(self.streams):
            stream.serve()
        for connection in list(self.connections):
            if connection.outgoing and not connection.flush():
                self.drop(connection)

    def wait_milliseconds(self):
        if self.leaving:
            return 50
        if not self.connections:
            return max(int((self.heard + self.lease_now() - monotonic()) * 1000), 1)
        if monotonic() - self.told_at > GATHER_SECONDS:
            self.is_gathering = False
            # What was told until then has woken nobody.
            if any(each.pending for each in self.streams):
                return 0
        times = [each.milliseconds_left() for each in self.streams]
        most = GATHER_MILLISECONDS if self.is_gathering else 1000
        return min([most] + [int(each) + 1 for each in times if each is not None])

    def gather(self):
        """Calls were told: more are likely to come."""
        self.told_at = monotonic()
        self.is_gathering = True

    def drain(self):
        try:
            posix.read(self.wake_fds[0], 4096)
        except OSError:
            pass

    def wake(self):
        if get_ident() == self.ident:
            return
        try:
            posix.write(self.wake_fds[1], b"w")
        except (OSError, IndexError):
            pass

    def accept(self):
        try:
            sock = socket_of(self.listener._accept()[0])
            connection = Connection(self, sock)
        except OSError:
            return
        if connection.uid not in allowed_users() or len(self.connections) >= MOST_CONNECTIONS:
            sock.close()
            return
        self.connections.append(connection)

    def serve_connection(self, connection):
        try:
            messages = connection.receive()
            if messages is None:
                self.drop(connection)
                return
            for message in messages:
                self.serve_message(connection, message)
        except (OSError, ValueError, IndexError):
            connection.flush()
            self.drop(connection)
            return
        if not connection.flush():
            self.drop(connection)

    def serve_message(self, connection, message):
        request = Request(self, connection, message)
        if not connection.greeted and request.op not in SPOKEN_FIRST:
            raise ValueError("no greeting")
        self.heard = connection.heard = monotonic()
        handler, in_worker = OPERATIONS.get(request.op, (unknown_operation, False))
        if in_worker:
            if len(self.workers()) >= MOST_CONNECTIONS:
                raise ValueError("too many requests")
            start_worker(request, handler, start_own_thread)
            return
        try:
            answer = {"ok": handler(request)}
        except Failure as failure:
            answer = failure_answer(failure)
        except Exception as error:
            answer = failure_answer(raised(error))
        if answer.get("ok") is LATER:
            return
        answer["id"] = request.id
        connection.send(answer)

    def drop(self, connection):
        discard(self.connections, connection)
        connection.close()

    def lease_now(self):
        """For how long it stays without clients: longer when calls are kept for them."""
        return self.lease if self.records is None else max(self.lease, self.records.lease())

    def end_leases(self):
        now = monotonic()
        for each in list(self.connections):
            if now - each.heard > (self.lease if each.greeted else GREETING_SECONDS):
                self.drop(each)
        if not self.connections and now - self.heard > self.lease_now():
            self.leave("lease")

    def workers(self):
        return [worker for each in self.connections for worker in list(each.workers.values())]

    def leave(self, reason="replaced", asker=None):
        """Takes everything out but the thread itself and the connections, which end when this has been said."""
        for stream in list(self.streams):
            stream.conclude("detached")
        if reason == "detached":
            forget_reloads()
        result = self.hooks.remove_where(lambda hook: True)
        for stream in list(self.streams):
            stream.serve()
        self.left_workers = workers = self.workers()
        for worker in workers:
            worker.cancel()
        result["workers"] = [worker.facts() for worker in workers]
        sockets = [self.listener] + [each.sock for each in self.connections]
        result["sockets"] = [os.fstat(each.fileno()).st_ino for each in sockets if each is not None]
        result["threadId"] = self.thread_id
        result["modulesAdded"] = sorted(MODULES_ADDED)
        self.clean()
        self.say_goodbye(reason, asker)
        self.leaving = True
        self.wake()
        return result

    def say_goodbye(self, reason, asker=None):
        for each in list(self.connections):
            if each is not asker:
                each.send({"id": 0, "event": {"goodbye": reason}})

    def clean(self):
        """Takes away what others can see: the hook at the exit, the socket, the directory. Whoever comes second waits, so
        that the agent's thread does not end, and write into the directory why, while the main thread is about to remove it.
        """
        with self.cleaning:
            if self.is_clean:
                return
            self.is_clean = True
            self.forget_records()
            atexit.unregister(self.at_exit)
            if self.listener is not None:
                self.listener.close()
            for name in ("s", "p", "b", "e", "t"):
                remove_file("%s/%s" % (self.directory, name))
            try:
                os.rmdir(self.directory)
            except OSError:
                pass

    def at_exit(self):
        """The program ends: it must not wait for us, and nothing of us may stay."""
        try:
            if os.getpid() != self.pid:
                return
            for stream in list(self.streams):
                stream.conclude("exit")
                stream.serve()
            self.hooks.remove_where(lambda hook: True)
            self.say_goodbye("exit")
            for each in list(self.connections):
                each.flush()
            # The agent's thread may go when its listener does, and hang up: all must have been said by then. It must not go
            # before, since whoever begins to clean up has to come to an end with it.
            self.clean()
            self.leaving = True
            self.wake()
        except BaseException:
            pass

    def forget(self):
        """In a child that was forked off: neither thread nor clients have come along, the descriptors have, and so have
        locks that another thread may have held."""
        if hooking is not None:
            hooking.lock = allocate_lock()
        self.hooks.remove_where(lambda hook: True)
        self.forget_records()
        atexit.unregister(self.at_exit)
        sockets = [each.sock for each in self.connections] + [self.listener]
        for fd in [each.detach() for each in sockets if each is not None] + self.wake_fds:
            try:
                os.close(fd)
            except OSError:
                pass
        self.connections, self.wake_fds, self.listener = [], [], None

    def forget_records(self):
        records, self.records = self.records, None
        if records is not None:
            records.forget()

    def close(self):
        for each in list(self.connections):
            self.drop(each)
        for fd in self.wake_fds:
            os.close(fd)
        self.wake_fds = []


def remove_file(path):
    try:
        os.unlink(path)
    except OSError:
        pass


def unknown_operation(request):
    raise Failure("bad-request", "%s is not known here" % request.op)


def socket_of(fd):
    sock = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM, 0, lifted(fd))
    sock.setblocking(False)
    return sock


def allowed_users():
    """The program's own user and root. In another user namespace the root outside has the number of nobody, and only
    who may do everything comes past the mode of the directory.
    """
    users = [os.geteuid(), 0]
    try:
        if read_whole("/proc/self/uid_map").split() != [b"0", b"0", b"4294967295"]:
            users.append(int(read_whole("/proc/sys/kernel/overflowuid")))
    except (OSError, ValueError):
        pass
    return users


def read_whole(path):
    """A short file; `open` would load codecs."""
    fd = posix.open(path, os.O_RDONLY)
    try:
        return posix.read(fd, 4096)
    finally:
        os.close(fd)
