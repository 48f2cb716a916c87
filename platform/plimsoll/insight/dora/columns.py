"""The columns of a row of delivery metrics; the names are the API's (webhook-providers, section 9)."""

from collections.abc import Mapping

from plimsoll.insight.metrics.figure import Figure
from plimsoll.insight.metrics.windows import Window

Figures = Mapping[str, Figure]
Columns = dict[str, object]


def columns(figures: Figures, window: Window, *, is_known: bool) -> Columns:
    """Return the figures of one window and group; counts of nothing are None unless it is known that nothing was."""
    frequency = figures["deployment_frequency"]
    return {
        "bucket_start": window.start,
        "bucket_end": window.end,
        "timezone": window.zone.key,
        "definition": frequency.definition.id,
        **_frequency(frequency, is_known=is_known),
        **_lead_time(figures["lead_time"]),
        **_change_failure(figures["change_failure_rate"], is_known=is_known),
        **_recovery(figures["recovery_time"]),
        **_time_to_restore(figures["time_to_restore"]),
        **_rework(figures["rework_rate"], is_known=is_known),
        "sample_size": frequency.n,
    }


def _frequency(figure: Figure, *, is_known: bool) -> Columns:
    names = {
        "deployments": "count",
        "deployments_per_day": "per_day",
        "deploying_days": "days",
        "time_between_deployments_p50_s": "time_between_p50_s",
        "rollbacks": "rollbacks",
        "redeploys": "redeploys",
        "failed_attempts": "failed_attempts",
    }
    values = {column: figure.values[name] if is_known else None for column, name in names.items()}
    return {**values, **_left_out("deployments", figure)}


def _lead_time(figure: Figure) -> Columns:
    return {
        "lead_time_p50_s": figure.values["p50_s"],
        "lead_time_p75_s": figure.values["p75_s"],
        "lead_time_p90_s": figure.values["p90_s"],
        "lead_time_n": figure.n,
        **_left_out("lead_time", figure),
    }


def _change_failure(figure: Figure, *, is_known: bool) -> Columns:
    return {
        "change_failure_rate": figure.values["rate"],
        "failed_deployments": figure.values["failed"] if is_known else None,
        "change_failure_n": figure.n,
        "change_failure_pending": figure.values["pending"] if is_known else None,
        "change_failure_pending_failed": figure.values["pending_failed"] if is_known else None,
        **_left_out("change_failure", figure),
    }


def _recovery(figure: Figure) -> Columns:
    return {
        "recovery_p50_s": figure.values["p50_s"],
        "recovery_p90_s": figure.values["p90_s"],
        "recovery_n": figure.n,
        "recovery_censored": figure.values["censored"],
        **_left_out("recovery", figure),
    }


def _time_to_restore(figure: Figure) -> Columns:
    return {
        "time_to_restore_p50_s": figure.values["p50_s"],
        "time_to_restore_n": figure.n,
        "time_to_restore_censored": figure.values["censored"],
        **_left_out("time_to_restore", figure),
    }


def _rework(figure: Figure, *, is_known: bool) -> Columns:
    return {
        "rework_rate": figure.values["rate"],
        "rework_deployments": figure.values["rework"] if is_known else None,
        "rework_n": figure.n,
        **_left_out("rework", figure),
    }


def _left_out(prefix: str, figure: Figure) -> Columns:
    reasons = "; ".join(f"{reason}={count}" for reason, count in figure.left_out_reasons.items())
    return {f"{prefix}_left_out": figure.left_out_n, f"{prefix}_left_out_reasons": reasons}
