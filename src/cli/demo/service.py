"""A small order service with the troubles that real ones have, for `pyflight demo` to look at.

Two workers burn CPU and fight for the GIL, a reporter sleeps, one thread holds a lock that two others wait for,
asyncio tasks wait several coroutines deep, and a list grows that nobody empties. It ends when its stdin does.
"""

import asyncio
import os
import signal
import sys
import threading
import time

inventory_lock = threading.Lock()
audit_log = []


def price_of(order):
    total = 0
    for item in range(200):
        total += (order * item) % 97
    return total


def price_orders():
    order = 0
    while True:
        order += 1
        price_of(order)


def send_report():
    while True:
        time.sleep(60)


def rebuild_inventory(locked):
    with inventory_lock:
        locked.set()
        time.sleep(3600)


def reserve_item(sku):
    with inventory_lock:
        return sku


def write_audit_trail():
    while True:
        audit_log.append("x" * 4096)
        time.sleep(0.1)


async def read_reply(order):
    await asyncio.sleep(3600)
    return order


async def charge_card(order):
    return await read_reply(order)


async def check_out(order):
    return await charge_card(order)


async def serve():
    await asyncio.gather(*[check_out(order) for order in (1001, 1002, 1003)])


def run_event_loop():
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(serve())


def start(name, target, *args):
    thread = threading.Thread(name=name, target=target, args=args, daemon=True)
    thread.start()


def main():
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the demo, whose end closes our stdin
    locked = threading.Event()
    start("pricing-1", price_orders)
    start("pricing-2", price_orders)
    start("reporter", send_report)
    start("inventory", rebuild_inventory, locked)
    locked.wait()
    start("checkout-1", reserve_item, "sku-17")
    start("checkout-2", reserve_item, "sku-42")
    start("payments", run_event_loop)
    start("audit", write_audit_trail)
    time.sleep(0.3)  # until the threads have reached the places that the tour is about
    print(os.getpid(), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
