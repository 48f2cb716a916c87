"""The columns of `metrics/dora/`: names are for good (webhook-providers, section 9)."""

from plimsoll.store.queries.datasets import Column


def _left_out(prefix: str) -> tuple[Column, Column]:
    """Return the columns of what a metric did not count, and why."""
    return (
        Column(f"{prefix}_left_out", "count"),
        Column(f"{prefix}_left_out_reasons", "text", about="reason=count; reason=count"),
    )


COLUMNS = (
    Column("bucket_start", "time"),
    Column("bucket_end", "time"),
    Column("timezone", "text"),
    Column("definition", "text"),
    Column("team", "text", about="Null unless grouped by it."),
    Column("service", "text", about="Null unless grouped by it."),
    Column("environment", "text", about="Null unless grouped by it."),
    Column("deployments", "count", about="Standard and hotfix deployments that went live; 0 is measured."),
    Column("deployments_per_day", "number"),
    Column("deploying_days", "count", about="Days with a deployment."),
    Column("time_between_deployments_p50_s", "number"),
    Column("rollbacks", "count"),
    Column("redeploys", "count"),
    Column("failed_attempts", "count", about="Runs that died before they touched production."),
    *_left_out("deployments"),
    Column("lead_time_p50_s", "number"),
    Column("lead_time_p75_s", "number"),
    Column("lead_time_p90_s", "number"),
    Column("lead_time_n", "count", about="Changes with a known start."),
    *_left_out("lead_time"),
    Column("change_failure_rate", "number"),
    Column("failed_deployments", "count"),
    Column("change_failure_n", "count"),
    Column("change_failure_pending", "count", about="Too young to judge; in neither count."),
    Column("change_failure_pending_failed", "count", about="Of these, already known to have failed."),
    *_left_out("change_failure"),
    Column("recovery_p50_s", "number"),
    Column("recovery_p90_s", "number"),
    Column("recovery_n", "count"),
    Column("recovery_censored", "count", about="Not over yet: at least as long as until now."),
    *_left_out("recovery"),
    Column("time_to_restore_p50_s", "number"),
    Column("time_to_restore_n", "count"),
    Column("time_to_restore_censored", "count"),
    *_left_out("time_to_restore"),
    Column("rework_rate", "number"),
    Column("rework_deployments", "count"),
    Column("rework_n", "count"),
    *_left_out("rework"),
    Column("sample_size", "count"),
    Column("data_through", "time", about="Until when deliveries are in the numbers."),
)
