#!/usr/bin/env python3
"""CPython's side of the start benchmark: for each line on standard input, starts one process by the given method
and prints the milliseconds from before start() to its first statement."""
import multiprocessing as mp
import sys
import time


def first(connection):
    connection.send(time.monotonic_ns())


if __name__ == "__main__":
    context = mp.get_context(sys.argv[1])
    for _ in sys.stdin:
        here, there = context.Pipe()
        begin = time.monotonic_ns()
        process = context.Process(target=first, args=(there,))
        process.start()
        print((here.recv() - begin) / 1e6, flush=True)
        process.join()
