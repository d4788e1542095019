"""``IPerformanceCollector``: what the host and running machines use."""

from __future__ import annotations

from typing import Protocol

from app.api.hoststructs import MetricData, PerformanceMetric
from app.api.schema import interface


@interface("performance")
class PerformanceCollector(Protocol):
    """Methods of the collector. Nothing is measured before ``setup_metrics``.

    ``names`` are patterns with ``*``, separated by commas; ``object`` is ``host``, a machine, or
    ``*`` for all. Base metrics (``CPU/Load``) are measured, metrics (``CPU/Load/User``,
    ``CPU/Load/User:avg``) are read. Samples live in the service and end with it.

    Each method raises ``VBOX_E_OBJECT_NOT_FOUND`` when there is no such machine.
    """

    def get_metrics(self, names: str = "*", object: str = "*") -> list[PerformanceMetric]:  # noqa: A002
        """Metrics that match."""

    def setup_metrics(
        self, names: str, object: str, period: int, count: int  # noqa: A002
    ) -> list[PerformanceMetric]:
        """Measure base metrics from now on, discarding older samples.

        Args:
            names: Base metrics.
            object: Whose.
            period: Seconds between samples, from 1.
            count: Samples to keep, 1 to 65536.

        Returns:
            The base metrics concerned.
        """

    def enable_metrics(self, names: str = "*", object: str = "*") -> list[PerformanceMetric]:  # noqa: A002
        """Go on measuring base metrics after ``disable_metrics``; returns those concerned."""

    def disable_metrics(self, names: str = "*", object: str = "*") -> list[PerformanceMetric]:  # noqa: A002
        """Measure base metrics no more; their samples stay. Returns those concerned."""

    def query_metrics_data(self, names: str = "*", object: str = "*") -> list[MetricData]:  # noqa: A002
        """Samples of the metrics that match."""
