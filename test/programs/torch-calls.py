"""Evaluates what it is told, a line each, and says what comes of it as JSON: calls that torch is busy with."""

import asyncio
import gc
import json
import sys
import threading
import warnings

warnings.filterwarnings("ignore")

import torch

left, right = torch.ones(8, 16), torch.ones(16, 4)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = torch.nn.Sequential(torch.nn.Linear(16, 32), torch.nn.Linear(32, 4))
        self.register_buffer("mask", torch.ones(7))

    def forward(self, x):
        return self.layers(x)


class Own(torch.Tensor):
    """Who looks at one of these in the ordinary way has code of the program run."""

    asked = []

    def __getattribute__(self, name):
        Own.asked.append(name)
        return super().__getattribute__(name)


net = Net()
own = torch.ones(5, 2).as_subclass(Own)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
odd = [torch.sparse_coo_tensor([[0], [1]], [1.0], (3, 3)), torch.empty(0, 3), torch.nested.nested_tensor([left, right])]
kept = {"last": torch.zeros(1000), "view": torch.zeros(4096)[:2]}


def multiply(times):
    for _ in range(times):
        result = torch.mm(left, right)
    return float(result.sum())


def label(count):
    """Has parts with names of their own, which torch takes for operators."""
    for number in range(count):
        with torch.autograd.profiler.record_function("part %d" % number):
            pass
    return count


async def multiply_later(times):
    await asyncio.sleep(0)
    return multiply(times)


def outer(times):
    def inner():
        return multiply(times)

    return inner() + inner()


def numbers():
    yield multiply(1)


def train():
    optimizer.zero_grad()
    net(left).sum().backward()
    optimizer.step()


class Waiting:
    """A call on a thread of its own that goes on until it is released; then it is told what is left of a profiler there."""

    def __init__(self):
        self.begun, self.released = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        self.answer = self.wait()
        self.is_profiled = torch._C._autograd._profiler_enabled()

    def wait(self):
        self.begun.set()
        self.released.wait()
        return multiply(1)

    def end(self):
        self.released.set()
        self.thread.join()
        return [self.answer, self.is_profiled]


class Holding:
    """A function that has a tensor in a variable, lets go of it when it is told to, and runs on."""

    def __init__(self):
        self.begun, self.told, self.let_go = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self.hold, daemon=True).start()
        self.begun.wait()

    def hold(self):
        cargo = torch.zeros(3, 5, 7)
        self.begun.set()
        self.told.wait()
        del cargo
        self.let_go.set()
        threading.Event().wait()

    def end(self):
        """How many such tensors are left."""
        self.told.set()
        self.let_go.wait()
        tensors = [each for each in gc.get_objects() if isinstance(each, torch.Tensor)]
        return len([each for each in tensors if not each.is_nested and each.shape == (3, 5, 7)])


def begin_holding():
    global holding
    holding = Holding()


def begin_waiting():
    global waiting
    waiting = Waiting()
    return waiting.begun.wait()


def own_counts(function):
    """How often torch itself counts each operator of a call."""
    with torch.autograd.profiler.profile(use_kineto=True) as profile:
        function()
    return {each.key: each.count for each in profile.key_averages()}


def own_profile():
    """A profiler of the program's own, around a call."""
    with torch.autograd.profiler.profile(use_kineto=True) as profile:
        multiply(1)
    return len(profile.key_averages())


def own_tensors():
    """What torch says of all tensors that live: how many there are, and the memory that they keep."""
    gc.collect()
    tensors = [each for each in gc.get_objects() if isinstance(each, torch.Tensor)]
    dense = [each for each in tensors if not each.is_sparse]
    storages = [each.untyped_storage() if hasattr(each, "untyped_storage") else each.storage() for each in dense]
    sizes = {each.data_ptr(): each.nbytes() for each in storages if each.data_ptr()}
    return [len(tensors), len(sizes), sum(sizes.values())]


def is_profiled():
    return torch._C._autograd._profiler_enabled()


def codes():
    """Whether the functions are as they were written."""
    return [each.__code__ is code for each, code in CODES]


CODES = [(each, each.__code__) for each in (multiply, multiply_later, outer, Net.forward, Waiting.wait)]
train()
print(json.dumps("ready"), flush=True)
for line in iter(sys.stdin.readline, ""):
    print(json.dumps(eval(line)), flush=True)
