"""Metaflow: `metaflowSteps.py seven|fan|retry` prints {"seconds": …} of one run, from command to exit, a process a step."""
import json
import os
import subprocess
import sys
import tempfile
import time

from metaflow import FlowSpec, step

WIDE = 200


class SevenFlow(FlowSpec):
    """Seven steps in order; the fifth fails where FAIL is set."""

    @step
    def start(self):
        self.next(self.b)

    @step
    def b(self):
        self.next(self.c)

    @step
    def c(self):
        self.next(self.d)

    @step
    def d(self):
        self.next(self.e)

    @step
    def e(self):
        if os.environ.get("FAIL"):
            raise ValueError("asked to fail")
        self.next(self.f)

    @step
    def f(self):
        self.next(self.end)

    @step
    def end(self):
        pass


class FanFlow(FlowSpec):
    """One step for each of 200 items, between a start and a join."""

    @step
    def start(self):
        self.items = list(range(WIDE))
        self.next(self.each, foreach="items")

    @step
    def each(self):
        self.next(self.join)

    @step
    def join(self, inputs):
        self.next(self.end)

    @step
    def end(self):
        pass


def command(flow, folder, *arguments, **environment):
    """Seconds from command to exit, and the exit code. Metaflow starts this file anew for each step: FLOW says for which flow."""
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, os.path.abspath(__file__), *arguments],
        cwd=folder,
        env={**os.environ, "USERNAME": "bench", "FLOW": flow.__name__, **environment},
        capture_output=True,
    )
    return time.perf_counter() - began, done.returncode


def main(case):
    with tempfile.TemporaryDirectory() as folder:
        if case == "seven":
            seconds, code = command(SevenFlow, folder, "run")
        elif case == "fan":
            seconds, code = command(FanFlow, folder, "run", "--max-num-splits", str(WIDE + 1))
        else:
            _, failed = command(SevenFlow, folder, "run", FAIL="1")
            assert failed != 0
            seconds, code = command(SevenFlow, folder, "resume")
        assert code == 0, case
        print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    if "FLOW" in os.environ:
        {"SevenFlow": SevenFlow, "FanFlow": FanFlow}[os.environ["FLOW"]]()
    else:
        main(sys.argv[1])
