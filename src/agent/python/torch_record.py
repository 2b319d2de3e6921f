"""Calls during which the allocations of CUDA are recorded. Who records already goes on to do so."""


class RecordedAllocations(MeasuredCalls):
    def __init__(self, request, found):
        MeasuredCalls.__init__(self, request, found)
        loaded_cuda(self.torch)
        self.was_recording = self.is_ours = False
        # The agent's thread may give up while the call's begins.
        self.switching = allocate_lock()

    def begin(self):
        with self.switching:
            if self.reason is not None:
                return
            self.was_recording = is_recording(self.torch)
            if not self.was_recording:
                self.is_ours = True
                set_recording(self.torch, True)

    def end(self):
        try:
            self.torch.cuda.synchronize()
            return cuda_snapshot(self.torch.cuda)
        finally:
            self.give_up()

    def give_up(self):
        with self.switching:
            is_ours, self.is_ours = self.is_ours, False
            if is_ours:
                set_recording(self.torch, False)
        return True

    def hand_over(self):
        results, self.results = self.results, []
        for number, snapshot in enumerate(results):
            send_pickled(self.request, number, snapshot)
        return {"wasRecording": self.was_recording, "files": len(results)}


@on("torch-record")
def torch_record(request):
    return open_stream(request, RecordedAllocations)
