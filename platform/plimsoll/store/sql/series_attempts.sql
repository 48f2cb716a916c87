-- Which deployment rows belong to these series, from a moment on and so many before it?
SELECT
    d.id, d.source_id, d.external_id, d.service_id, d.environment_id, d.cluster, d.version, d.artifact, d.repo, d.sha,
    d.ref, d.title, d.status, d.queued_at, d.started_at, d.finished_at, d.url, d.commits, d.previous_sha, d.is_rollback,
    d.rolled_back, d.unplanned, d.trigger, d.run_id, d.kind
FROM unnest(%(services)s::bigint[], %(environments)s::bigint[], %(sinces)s::timestamptz[])
    AS wanted (service_id, environment_id, since)
CROSS JOIN LATERAL (
    (
        SELECT later.*
        FROM deployment AS later
        WHERE later.service_id = wanted.service_id
            AND later.environment_id = wanted.environment_id
            AND NOT later.is_deleted
            AND coalesce(later.started_at, later.queued_at, later.finished_at) >= wanted.since
    )
    UNION ALL
    (
        SELECT earlier.*
        FROM deployment AS earlier
        WHERE earlier.service_id = wanted.service_id
            AND earlier.environment_id = wanted.environment_id
            AND NOT earlier.is_deleted
            AND coalesce(earlier.started_at, earlier.queued_at, earlier.finished_at) < wanted.since
        ORDER BY coalesce(earlier.started_at, earlier.queued_at, earlier.finished_at) DESC, earlier.id DESC
        LIMIT %(before)s
    )
) AS d
