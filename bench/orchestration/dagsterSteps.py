"""Dagster: `dagsterSteps.py seven|fan|retry` prints {"seconds": …} of one job in a warm process, its events in SQLite."""
import json
import os
import sys
import tempfile
import time

from dagster import DagsterInstance, DynamicOut, DynamicOutput, In, Nothing, ReexecutionOptions
from dagster import execute_job, in_process_executor, job, op, reconstructable

WIDE = 200


def step(number):
    @op(name=f"step{number}", ins={"before": In(Nothing)} if number > 1 else {})
    def one(context):
        if number == 5 and os.environ.get("FAIL"):
            raise ValueError("asked to fail")

    return one


@job(executor_def=in_process_executor)
def seven():
    before = step(1)()
    for number in range(2, 8):
        before = step(number)(before=before)


@op(out=DynamicOut())
def items():
    for number in range(WIDE):
        yield DynamicOutput(number, mapping_key=str(number))


@op
def each(number):
    return number


@job(executor_def=in_process_executor)
def fan():
    items().map(each)


def timed(run):
    began = time.perf_counter()
    result = run()
    return time.perf_counter() - began, result


def main(case):
    import dagsterSteps as steps  # a job is found anew by its module

    with tempfile.TemporaryDirectory() as folder, DagsterInstance.local_temp(folder) as instance:
        line = reconstructable(steps.seven)
        execute_job(line, instance)  # warms
        if case == "retry":
            os.environ["FAIL"] = "1"
            failed = execute_job(line, instance)
            assert not failed.success
            del os.environ["FAIL"]
            options = ReexecutionOptions.from_failure(failed.run_id, instance)
            seconds, result = timed(lambda: execute_job(line, instance, reexecution_options=options))
        else:
            wanted = line if case == "seven" else reconstructable(steps.fan)
            seconds, result = timed(lambda: execute_job(wanted, instance))
        assert result.success, case
        print(json.dumps({"seconds": seconds}))


if __name__ == "__main__":
    main(sys.argv[1])
