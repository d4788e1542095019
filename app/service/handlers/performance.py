"""``performance``: metrics of the host and of running machines."""

from __future__ import annotations

from app.api.hoststructs import MetricData, PerformanceMetric
from app.service.dispatch import CallContext, Style, handler


@handler("performance.get_metrics", Style.WORKER)
def _get_metrics(
    context: CallContext, names: str, object: str  # noqa: A002 - name on the wire
) -> list[PerformanceMetric]:
    return context.service.performance.get_metrics(names, object)


@handler("performance.setup_metrics", Style.WORKER)
def _setup_metrics(
    context: CallContext,
    names: str,
    object: str,  # noqa: A002 - name on the wire
    period: int,
    count: int,
) -> list[PerformanceMetric]:
    return context.service.performance.set_up(names, object, period, count)


@handler("performance.enable_metrics", Style.WORKER)
def _enable_metrics(
    context: CallContext, names: str, object: str  # noqa: A002 - name on the wire
) -> list[PerformanceMetric]:
    return context.service.performance.enable(names, object)


@handler("performance.disable_metrics", Style.WORKER)
def _disable_metrics(
    context: CallContext, names: str, object: str  # noqa: A002 - name on the wire
) -> list[PerformanceMetric]:
    return context.service.performance.disable(names, object)


@handler("performance.query_metrics_data", Style.WORKER)
def _query_metrics_data(
    context: CallContext, names: str, object: str  # noqa: A002 - name on the wire
) -> list[MetricData]:
    return context.service.performance.query(names, object)
