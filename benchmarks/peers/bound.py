#!/usr/bin/env python3
"""Work for the processor: bound.py WORKERS. For each line that it reads it prints how many tasks a pool of CPython's has done in
a second."""
import multiprocessing as mp
import sys
import time

TASKS = 1000


def primes(_):
    return sum(all(n % d for d in range(2, int(n**0.5) + 1)) for n in range(2, 1000))


if __name__ == "__main__":
    mp.set_start_method("fork")
    with mp.Pool(int(sys.argv[1])) as pool:
        for _ in sys.stdin:
            begin = time.perf_counter()
            pool.map(primes, range(TASKS), 1)
            print(TASKS / (time.perf_counter() - begin), flush=True)
