"""A generator, an asynchronous generator and two coroutines, all of them running. CPython 3.6 and later."""

import announce


def values():
    announce.announce_and_stay()
    yield 1


def delegating():
    yield from values()


async def async_values():
    for value in delegating():
        yield value


async def inner_coroutine():
    async for value in async_values():
        return value


async def outer_coroutine():
    return await inner_coroutine()


def suspended():
    yield "this one is on no stack"


def drive(coroutine):
    waiting = suspended()
    next(waiting)
    coroutine.send(None)


drive(outer_coroutine())
