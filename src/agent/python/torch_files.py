"""Torch as the program has loaded it, which is never imported, and files of it, which go to the client piece by piece."""

PIECE_BYTES = 512 << 10
# The file that torch writes in our directory, since its writer takes only a path.
TORCH_FILE = "t"


def loaded_torch():
    """The module and, for what the program itself may just be importing, only when it is whole."""
    torch = sys.modules.get("torch")
    if torch is None:
        raise Failure("torch-absent", "the process has not loaded torch, and pyflight imports nothing into it")
    if "autograd" not in attributes_of(torch) or is_loading(torch):
        raise Failure("torch-absent", "the process is just loading torch")
    return torch


def loaded_cuda(torch):
    """Its CUDA, which only the program itself may begin to use: to ask whether there is one would do that."""
    if torch.version.cuda is None and getattr(torch.version, "hip", None) is None:
        raise Failure("torch-no-cuda", "torch %s is built for the CPU alone" % torch.__version__)
    if not torch.cuda.is_initialized():
        raise Failure("torch-no-cuda", "the process has not begun to use CUDA")
    return torch.cuda


class PieceWriter:
    """Takes bytes as a file does, and sends them as pieces of the client's file of that number."""

    def __init__(self, request, number):
        self.request, self.number = request, number
        self.held = bytearray()
        load_module("binascii")

    def write(self, data):
        self.held += data
        while len(self.held) >= PIECE_BYTES:
            self.send(PIECE_BYTES)
        return len(data)

    def send(self, size):
        piece = sys.modules["binascii"].b2a_base64(self.held[:size], newline=False).decode("ascii")
        del self.held[:size]
        connection = self.request.connection
        connection.wait_for_room()
        if connection.closed:
            raise Failure("cancelled", "its client has gone")
        self.request.event({"file": self.number, "piece": piece})
        # Beside a busy program each turn of the agent's thread takes milliseconds to come.
        connection.flush()

    def end(self):
        if self.held:
            self.send(len(self.held))


def send_exported(request, number, export):
    """Has torch write a file by its own code, which is taken away before anything of it is sent."""
    path = "%s/%s" % (request.agent.directory, TORCH_FILE)
    try:
        export(path)
        fd = posix.open(path, os.O_RDONLY)
    finally:
        remove_file(path)
    writer = PieceWriter(request, number)
    try:
        data = posix.read(fd, PIECE_BYTES)
        while data:
            writer.write(data)
            data = posix.read(fd, PIECE_BYTES)
    finally:
        os.close(fd)
    writer.end()


def send_pickled(request, number, value):
    """As the `pickle` of the program writes it, which hands it on in frames of its protocol 4."""
    load_module("pickle")
    writer = PieceWriter(request, number)
    sys.modules["pickle"].dump(value, writer, 4)
    writer.end()
