"""Makes asyncio the implementation that the first argument names: c or python, or uvloop, whose loops run tasks of the C module."""

import asyncio
import sys

if sys.argv[1] == "python":
    asyncio.tasks.Task = asyncio.Task = asyncio.tasks._PyTask
    asyncio.futures.Future = asyncio.Future = asyncio.futures._PyFuture
elif sys.argv[1] == "uvloop":
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
