#!/usr/bin/env python3
"""CPython's side of the start benchmark: for each line on standard input, starts one process by the given method
and prints the milliseconds from before start() to its first statement. With `pool` behind the method, it opens a pool of
two and prints the milliseconds until the first result is there."""
import multiprocessing as mp
import sys
import time


def first(connection):
    connection.send(time.monotonic_ns())


def next_number(number):
    return number + 1


def process(context):
    here, there = context.Pipe()
    begin = time.monotonic_ns()
    process = context.Process(target=first, args=(there,))
    process.start()
    millis = (here.recv() - begin) / 1e6
    process.join()
    return millis


def pool(context):
    begin = time.monotonic_ns()
    with context.Pool(2) as workers:
        workers.apply(next_number, (1,))
        return (time.monotonic_ns() - begin) / 1e6


if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    measure = pool if sys.argv[2:] == ["pool"] else process
    for _ in sys.stdin:
        print(measure(context), flush=True)
