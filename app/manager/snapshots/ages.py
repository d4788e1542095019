"""How long ago something was, in words."""

from __future__ import annotations

import datetime as dt
from typing import Final

from PySide6.QtCore import QDateTime, QLocale

from app.common.translation import tr

_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
_DAYS_IN_WORDS: Final = 30


def local_time(moment: dt.datetime) -> dt.datetime:
    """Return MOMENT in the zone of this computer; one without a zone is UTC."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return moment.astimezone()


def absolute_text(moment: dt.datetime) -> str:
    """Return date and time of MOMENT as people here write them."""
    seconds = int(local_time(moment).timestamp())
    when = QDateTime.fromSecsSinceEpoch(seconds)
    return QLocale().toString(when, QLocale.FormatType.ShortFormat)


def age_text(moment: dt.datetime, now: dt.datetime) -> str:
    """Return how long before NOW it was; the date when that is more than a month."""
    seconds = int((local_time(now) - local_time(moment)).total_seconds())
    if seconds < _MINUTE:
        return tr("just now")
    if seconds < 2 * _MINUTE:
        return tr("1 minute ago")
    if seconds < _HOUR:
        return tr("{count} minutes ago").format(count=seconds // _MINUTE)
    if seconds < 2 * _HOUR:
        return tr("1 hour ago")
    if seconds < _DAY:
        return tr("{count} hours ago").format(count=seconds // _HOUR)
    if seconds < 2 * _DAY:
        return tr("1 day ago")
    if seconds < _DAYS_IN_WORDS * _DAY:
        return tr("{count} days ago").format(count=seconds // _DAY)
    return absolute_text(moment)
