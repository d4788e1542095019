"""``metrics``: what the host and the running machines use."""

from __future__ import annotations

import datetime as dt
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from app.api.errors import ApiError, ErrorCode
from app.cli.commands import command
from app.cli.errors import EXIT_FAILURE, CommandError, UsageError
from app.cli.options import Option
from app.cli.subcommands import Subcommands
from app.cli.values import number

if TYPE_CHECKING:
    from app.api.hoststructs import MetricData, PerformanceMetric
    from app.cli.context import Context
    from app.cli.options import Arguments

_LIST: Final = Option(("--list", "-list"), help="Print the metrics concerned.")
_SAMPLING: Final = (
    Option(("--period", "-period"), "seconds", "Time between samples; default: 1."),
    Option(("--samples", "-samples"), "count", "Number of samples to keep; default: 1."),
    _LIST,
)
_DETACH: Final = Option(("--detach", "-detach"), help="Return at once and go on measuring.")
_OWN_BASE: Final = ("CPU/MHz", "LinkSpeed")
"""Metrics that are their own base metric."""

_metrics: Final = Subcommands()


@command(
    "metrics",
    "Measure and print what the host and machines use.",
    usage=(
        "metrics list [* | host | <vmname> [<metric-list>]]",
        ("metrics setup [--period=<seconds>] [--samples=<count>] [--list] "
        "[* | host | <vmname> [<metric-list>]]"),
        "metrics query [* | host | <vmname> [<metric-list>]]",
        "metrics enable [--list] [* | host | <vmname> [<metric-list>]]",
        "metrics disable [--list] [* | host | <vmname> [<metric-list>]]",
        ("metrics collect [--period=<seconds>] [--samples=<count>] [--list] [--detach] "
        "[* | host | <vmname> [<metric-list>]]"),
    ),
    options=(*_SAMPLING, _DETACH),
    raw=True,
)
def metrics(context: Context, arguments: Arguments) -> int | None:
    """Carry out a subcommand."""
    try:
        return _metrics.run(context, arguments)
    except ApiError as error:
        if error.code is not ErrorCode.VBOX_E_OBJECT_NOT_FOUND:
            raise
        raise CommandError(f"Invalid machine name: {error.message}") from error


@_metrics.add("list")
def _list(context: Context, arguments: Arguments) -> None:
    owner, names = _filter(arguments)
    found = context.client.performance.get_metrics(names, owner)
    print(
        f"{'Object':15} {'Metric':40} {'Unit':4} {'Minimum':>10} {'Maximum':>10} {'Period':>10} "
        f"{'Count':>10} Description"
    )
    print(" ".join("-" * width for width in (15, 40, 4, 10, 10, 10, 10, 11)))
    for each in found:
        print(
            f"{each.object:15} {each.name:40} {each.unit:4} {each.minimum:10} {each.maximum:10} "
            f"{each.period:10} {each.count:10} {each.description}"
        )


@_metrics.add("query")
def _query(context: Context, arguments: Arguments) -> None:
    owner, names = _filter(arguments)
    found = context.client.performance.query_metrics_data(names, owner)
    print(f"{'Object':15} {'Metric':40} Values")
    print(" ".join("-" * width for width in (15, 40, 44)))
    for each in found:
        print(f"{each.object:15} {each.name:40} {_values(each)}")


@_metrics.add("setup", options=_SAMPLING)
def _setup(context: Context, arguments: Arguments) -> None:
    _set_up(context, arguments)


@_metrics.add("enable", options=[_LIST])
def _enable(context: Context, arguments: Arguments) -> None:
    owner, names = _filter(arguments)
    affected = context.client.performance.enable_metrics(_base_names(names), owner)
    _print_affected(affected, wanted=arguments.has("list"))


@_metrics.add("disable", options=[_LIST])
def _disable(context: Context, arguments: Arguments) -> None:
    owner, names = _filter(arguments)
    affected = context.client.performance.disable_metrics(_base_names(names), owner)
    _print_affected(affected, wanted=arguments.has("list"))


@_metrics.add("collect", options=(*_SAMPLING, _DETACH))
def _collect(context: Context, arguments: Arguments) -> int | None:
    owner, names = _filter(arguments)
    period = _period(arguments)
    if not _set_up(context, arguments):
        return EXIT_FAILURE
    if arguments.has("detach"):
        sys.stderr.write(
            "VBoxManage: warning: The background process holding collected metrics will shutdown\n"
            "VBoxManage: warning: in few seconds, discarding all collected data and parameters.\n"
        )
        return None
    print("Time stamp   Object     Metric               Value")
    try:
        while True:
            print(" ".join("-" * width for width in (12, 10, 20, 20)), flush=True)
            time.sleep(period)
            now = dt.datetime.now(dt.UTC)
            stamp = f"{now:%H:%M:%S}.{now.microsecond // 1000:03}"
            for each in context.client.performance.query_metrics_data(names, owner):
                if each.values:
                    newest = _value(each, each.values[-1])
                    print(f"{stamp:12} {each.object:10} {each.name:20} {newest}")
    except KeyboardInterrupt:
        return None


def _set_up(context: Context, arguments: Arguments) -> list[PerformanceMetric]:
    owner, names = _filter(arguments)
    count = number("samples", arguments.get("samples", "1"), least=1)
    affected = context.client.performance.setup_metrics(
        _base_names(names), owner, _period(arguments), count
    )
    _print_affected(affected, wanted=arguments.has("list"))
    return affected


def _period(arguments: Arguments) -> int:
    return number("period", arguments.get("period", "1"), least=1)


def _filter(arguments: Arguments) -> tuple[str, str]:
    """Whose metrics, and which; ``*`` for all."""
    words = arguments.words
    if len(words) > 2:
        raise UsageError(f"Invalid parameter '{words[2]}'")
    return words[0] if words else "*", words[1] if len(words) > 1 else "*"


def _base_names(names: str) -> str:
    """What is measured, for what is to be read: ``CPU/Load`` for ``CPU/Load/User:avg``."""
    return ",".join(_base_name(name.strip()) for name in names.split(","))


def _base_name(name: str) -> str:
    metric = name.partition(":")[0]
    if "*" in metric or metric.endswith(_OWN_BASE) or metric.count("/") < 2:
        return metric
    return metric.rpartition("/")[0]


def _print_affected(affected: Sequence[PerformanceMetric], *, wanted: bool) -> None:
    if not affected:
        sys.stderr.write("VBoxManage: error: No metrics match the specified filter!\n")
    elif wanted:
        print("The following metrics were modified:\n")
        print("Object     Metric\n---------- --------------------")
        for each in affected:
            print(f"{each.object:10} {each.name:20}")
        print()


def _values(data: MetricData) -> str:
    return ", ".join(_value(data, value) for value in data.values)


def _value(data: MetricData, value: int) -> str:
    if data.scale == 1:
        return f"{value} {data.unit}"
    return f"{value // data.scale}.{value * 100 // data.scale % 100:02}{data.unit}"
