"""What the allocator of CUDA holds, as torch tells it, for pytorch.org/memory_viz."""

HISTORY_ENTRIES = 100000


def cuda_snapshot(cuda):
    memory = cuda.memory
    if hasattr(memory, "_snapshot"):
        return memory._snapshot()
    return {"segments": cuda.memory_snapshot(), "device_traces": []}


def is_recording(torch):
    """Whether the program records what is allocated; before torch could tell, by what it has recorded."""
    tell = getattr(torch._C, "_cuda_isHistoryEnabled", None)
    if tell is not None:
        return bool(tell())
    snapshot = cuda_snapshot(torch.cuda)
    if type(snapshot) is not dict:
        return False
    blocks = [block for segment in snapshot["segments"] for block in segment["blocks"]]
    return any(snapshot.get("device_traces", ())) or any(block.get("history") for block in blocks)


def set_recording(torch, is_on):
    record = torch.cuda.memory._record_memory_history
    if record.__defaults__ is not None and record.__defaults__[0] == "all":
        record("all", stacks="python", max_entries=HISTORY_ENTRIES) if is_on else record(None)
    elif is_on and "trace_alloc_max_entries" in record.__code__.co_varnames:
        record(True, trace_alloc_max_entries=HISTORY_ENTRIES, trace_alloc_record_context=True)
    else:
        record(is_on)


@on("torch-snapshot", in_worker=True)
def torch_snapshot(request):
    torch = loaded_torch()
    snapshot = cuda_snapshot(loaded_cuda(torch))
    send_pickled(request, 0, snapshot)
    return {"torch": str(torch.__version__)}
