"""Arrays of numpy, and tensors of torch where that is: what they hold, and code of the program that must not run for it."""

import sys
import time

import numpy

halves = numpy.array([1.5, -2, 65504, 6e-8], dtype="float16")
singles = numpy.arange(20, dtype="float32").reshape(4, 5)
strided = numpy.arange(100).reshape(10, 10)[::3, ::-2]
swapped = numpy.arange(2, dtype=">i4")
narrow = numpy.array([1 + 2j], dtype="complex64")
wide = numpy.array([1 + 2j, 3])
truths = numpy.array([True, False])
scalar = numpy.array(5)
empty = numpy.zeros((0, 3))
words = numpy.array(["a", "bb"])
days = numpy.array(["2020-01-02"], dtype="datetime64[D]")
rows = numpy.zeros(1, dtype=[("x", "i4"), ("y", "f8")])
objects = numpy.array([{"a": 1}, None], dtype=object)
looped = numpy.empty(1, dtype=object)
looped[0] = looped
asked = []


class Watchful(numpy.ndarray):
    def __getitem__(self, index):
        asked.append(index)

    def item(self, *index):
        asked.append(index)


watchful = numpy.arange(3).view(Watchful)

try:
    import torch
except ImportError:
    torch = None
else:
    tensor = torch.arange(20, dtype=torch.float32).reshape(4, 5)
    parameter = torch.nn.Parameter(torch.ones(2))
    brain = torch.tensor([1.5, -2.0], dtype=torch.bfloat16)
    integers = torch.arange(100).reshape(10, 10)[::3, ::2]
    doubles = torch.tensor([1 + 2j], dtype=torch.complex128)
    conjugate = torch.tensor([1 + 2j]).conj()
    nowhere = torch.empty(3, 4, device="meta")
    sparse = torch.eye(3).to_sparse()
    kind = torch.float32

    class Asked(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            asked.append(function)
            return super().__torch_function__(function, types, args, kwargs or {})

    subclass = torch.ones(2).as_subclass(Asked)

    class Dispatched(torch.Tensor):
        @classmethod
        def __torch_dispatch__(cls, function, types, args=(), kwargs=None):
            asked.append(function)
            return function(*args, **(kwargs or {}))

    dispatched = torch.ones(2).as_subclass(Dispatched)
    del asked[:]

print("ready", flush=True)
sys.stdin.readline()
