"""Prefect: `prefectSteps.py seven|fan|retry` prints {"seconds": …} of one flow in a warm process; its server runs (PREFECT_API_URL)."""
import json
import os
import sys
import time

from prefect import flow, task
from prefect.cache_policies import INPUTS

WIDE = 200


@task
def nothing(number):
    return number


@task(cache_policy=INPUTS, persist_result=True)
def kept(number, run):
    if number == 5 and os.environ.get("FAIL"):
        raise ValueError("asked to fail")
    return number


@flow
def seven():
    for number in range(1, 8):
        nothing(number)


@flow
def fan():
    return [future.result() for future in nothing.map(range(WIDE))]


@flow
def retried(run):
    for number in range(1, 8):
        kept(number, run)


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def main(case):
    seven()  # warms
    if case == "retry":
        run = str(time.time())
        os.environ["FAIL"] = "1"
        try:
            retried(run)
            raise SystemExit("expected a failure")
        except ValueError:
            del os.environ["FAIL"]
        return timed(lambda: retried(run))
    return timed(seven if case == "seven" else fan)


print(json.dumps({"seconds": main(sys.argv[1])}))
