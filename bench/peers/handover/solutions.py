"""solutions.py WAY N: what Python offers for sum() and max() of one iterator, range(N).

The first two keep the whole stream, the third what its threads drift apart; the others hand over
each number before they take the next.

solutions.py WAY N peak: of the first three, also how many numbers were kept at the peak."""

import sys

END = object()


class Uncounted:
    def both(self, first, second):
        return first, second


class Counted:
    """How far the two consumers are apart, which is what must be kept between them."""

    def __init__(self):
        self.taken = [0, 0]
        self.peaks = [0, 0]

    def both(self, first, second):
        return self.each(first, 0), self.each(second, 1)

    def each(self, values, which):
        taken, other = self.taken, 1 - which
        for value in values:
            taken[which] += 1
            ahead = taken[which] - taken[other]
            if ahead > self.peaks[which]:
                self.peaks[which] = ahead
            yield value


kept = Uncounted()


def stream(n):
    yield from range(n)
    yield END


def buffered(n):
    values = list(range(n))
    first, second = kept.both(values, values)
    return sum(first), max(second)


def tee(n):
    import itertools

    first, second = kept.both(*itertools.tee(range(n)))
    return sum(first), max(second)


def tee_threads(n):
    """A generator in place of range() may end in "cannot re-enter the tee iterator"."""
    import itertools
    import threading

    results = {}

    def consume(function, values):
        results[function] = function(values)

    both = kept.both(*itertools.tee(range(n)))
    consumers = [threading.Thread(target=consume, args=pair) for pair in zip((sum, max), both)]
    for consumer in consumers:
        consumer.start()
    for consumer in consumers:
        consumer.join()
    return results[sum], results[max]


def threads(n):
    import threading

    given, taken = threading.Barrier(3), threading.Barrier(3)
    results = {}

    def values():
        while True:
            given.wait()
            mine = value
            taken.wait()
            if mine is END:
                return
            yield mine

    def consume(function):
        results[function] = function(values())

    consumers = [threading.Thread(target=consume, args=(f,)) for f in (sum, max)]
    for consumer in consumers:
        consumer.start()
    for value in stream(n):
        given.wait()
        taken.wait()
    for consumer in consumers:
        consumer.join()
    return results[sum], results[max]


def greenlets(n):
    import greenlet

    source = greenlet.getcurrent()
    results = {}

    def values():
        while (value := source.switch()) is not END:
            yield value

    def consume(function):
        results[function] = function(values())

    consumers = [greenlet.greenlet(consume) for _ in range(2)]
    for consumer, function in zip(consumers, (sum, max)):
        consumer.switch(function)
    for value in stream(n):
        for consumer in consumers:
            consumer.switch(value)
    return results[sum], results[max]


def coroutines(n):
    import asyncio

    class Channel:
        """Holds nothing: put() returns when the value has been asked for and given."""

        def __init__(self):
            self.asked = asyncio.get_running_loop().create_future()

        async def put(self, value):
            answer = await self.asked
            self.asked = asyncio.get_running_loop().create_future()
            answer.set_result(value)

        def __aiter__(self):
            return self

        async def __anext__(self):
            answer = asyncio.get_running_loop().create_future()
            self.asked.set_result(answer)
            value = await answer
            if value is END:
                raise StopAsyncIteration
            return value

    async def summing(values):
        result = 0
        async for value in values:
            result += value
        return result

    async def maximizing(values):
        result = None
        async for value in values:
            if result is None or value > result:
                result = value
        return result

    async def all_of_them():
        channels = Channel(), Channel()
        tasks = [asyncio.ensure_future(f(c)) for f, c in zip((summing, maximizing), channels)]
        for value in stream(n):
            for channel in channels:
                await channel.put(value)
        return await asyncio.gather(*tasks)

    return asyncio.run(all_of_them())


def uvloop(n):
    import uvloop

    uvloop.install()
    return coroutines(n)


WAYS = {
    "buffered": buffered,
    "tee": tee,
    "tee, threads": tee_threads,
    "threads": threads,
    "greenlet": greenlets,
    "asyncio": coroutines,
    "uvloop": uvloop,
}

if __name__ == "__main__":
    if sys.argv[3:] == ["peak"]:
        kept = Counted()
    print("sum,max\n%d,%d" % tuple(WAYS[sys.argv[1]](int(sys.argv[2]))))
    if isinstance(kept, Counted):
        print("peak\n%d" % max(kept.peaks))
