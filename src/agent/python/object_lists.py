"""The objects that the collector tracks, and which of them were met already."""

PLACE_BITS, REGION_BITS = 3, 20


class SeenPlaces:
    """Takes a bit for each place where an object could begin, two bytes for each hundred of heap."""

    def __init__(self):
        self.regions = {}

    def is_new(self, value):
        place = id(value) >> PLACE_BITS
        region, at = place >> REGION_BITS - PLACE_BITS, place & (1 << REGION_BITS - PLACE_BITS) - 1
        bits = self.regions.get(region)
        if bits is None:
            bits = self.regions[region] = bytearray(1 << REGION_BITS - PLACE_BITS - 3)
        mask = 1 << (at & 7)
        if bits[at >> 3] & mask:
            return False
        bits[at >> 3] |= mask
        return True


def object_lists():
    """One generation after the other where they can be had so, so that the list of all is never there at once."""
    # Without a GIL there is one generation, and all are asked for whichever is named.
    if sys.version_info < (3, 8) or "t" in sys.abiflags:
        return [gc.get_objects]
    return [lambda generation=generation: gc.get_objects(generation) for generation in range(3)]


def has_frozen():
    """What the program has frozen is in none of the lists that the collector shows."""
    return getattr(gc, "get_freeze_count", int)() > 0


def running_frames():
    """Of all threads but our own."""
    own = get_ident()
    for ident, frame in sys._current_frames().items():
        while frame is not None and ident != own:
            yield frame
            frame = frame.f_back
