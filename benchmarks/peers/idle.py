#!/usr/bin/env python3
"""A pool of CPython's that has done something and does nothing: idle.py WORKERS. For each line that it reads it prints its own
process and those of the workers."""
import multiprocessing as mp
import os
import sys


def successor(n):
    return n + 1


if __name__ == "__main__":
    mp.set_start_method("fork")
    with mp.Pool(int(sys.argv[1])) as pool:
        pool.map(successor, range(10_000), 10)
        for _ in sys.stdin:
            print(os.getpid(), *(process.pid for process in mp.active_children()), flush=True)
