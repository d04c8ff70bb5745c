"""Coroutines, a thread and a subprocess in one loop."""

import asyncio


async def work():
    process = await asyncio.create_subprocess_exec("true")
    inside = await asyncio.to_thread(sum, range(4))
    return [await process.wait(), inside]


def main(state, channel):
    state.results = {"found": asyncio.run(work())}


if __name__ == "__main__":
    import as_script

    as_script.run(main)
