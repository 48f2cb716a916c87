-- Which deployments ended, or else began, in this window, each with its attempts and rollouts collapsed into it?
-- What follows a deployment within the attribution window is read too: it ends the time in which that can be blamed.
WITH head AS (
    SELECT DISTINCT coalesce(deployment.rollout_of_id, deployment.id) AS id
    FROM deployment
    LEFT JOIN service ON service.id = deployment.service_id
    LEFT JOIN team ON team.id = service.team_id
    LEFT JOIN environment ON environment.id = deployment.environment_id
    WHERE NOT deployment.is_deleted
        AND (
            (deployment.finished_at >= %(start)s AND deployment.finished_at < %(until)s)
            OR (
                deployment.finished_at IS NULL
                AND coalesce(deployment.started_at, deployment.queued_at) >= %(start)s
                AND coalesce(deployment.started_at, deployment.queued_at) < %(until)s
            )
        )
        AND (%(teams)s::text[] IS NULL OR team.slug = ANY(%(teams)s))
        AND (%(services)s::text[] IS NULL OR service.name = ANY(%(services)s))
        AND (%(environments)s::text[] IS NULL OR environment.name = ANY(%(environments)s))
),
collapsed AS (
    SELECT
        head.id,
        bool_or(part.status = 'success') AS succeeded,
        coalesce(bool_or(part.rolled_back), FALSE) AS rolled_back,
        bool_or(part.status IN ('pending', 'running', 'unknown')) AS running,
        min(part.queued_at) AS queued_at,
        min(part.started_at) AS started_at,
        max(part.finished_at) FILTER (WHERE part.status = 'success') AS live_at,
        max(part.finished_at) AS ended_at
    FROM head
    JOIN deployment AS part ON (part.id = head.id OR part.rollout_of_id = head.id) AND NOT part.is_deleted
    GROUP BY head.id
),
known AS (
    SELECT
        collapsed.id,
        collapsed.succeeded,
        collapsed.rolled_back,
        collapsed.running AND NOT (collapsed.succeeded OR collapsed.rolled_back) AS unfinished,
        collapsed.queued_at,
        collapsed.started_at,
        CASE
            WHEN collapsed.succeeded THEN collapsed.live_at
            WHEN collapsed.rolled_back OR NOT collapsed.running THEN collapsed.ended_at
        END AS finished_at
    FROM collapsed
)
SELECT
    known.id,
    deployment.kind,
    coalesce(environment.environment_class, 'unknown') AS environment_class,
    known.succeeded,
    known.unfinished,
    known.rolled_back OR (deployment.failed IS TRUE AND NOT known.succeeded) AS exposed,
    known.queued_at,
    known.started_at,
    known.finished_at,
    deployment.failed,
    deployment.failed_reason,
    known.succeeded AND NOT EXISTS (
        SELECT FROM deployment AS earlier
        WHERE earlier.service_id = deployment.service_id
            AND earlier.environment_id = deployment.environment_id
            AND earlier.status = 'success'
            AND NOT earlier.is_deleted
            AND earlier.finished_at < known.finished_at
            AND coalesce(earlier.rollout_of_id, earlier.id) <> known.id
    ) AS is_first,
    (
        SELECT count(*)
        FROM unnest(deployment.commits) AS stated (sha)
        WHERE NOT EXISTS (
            SELECT FROM change
            WHERE change.repo = deployment.repo
                AND change.grain = 'commit'
                AND (change.sha = stated.sha OR (length(stated.sha) < 40 AND starts_with(change.sha, stated.sha)))
        )
    ) AS unknown_commits,
    deployment.service_id,
    deployment.environment_id,
    service.team_id
FROM known
JOIN deployment ON deployment.id = known.id
LEFT JOIN service ON service.id = deployment.service_id
LEFT JOIN environment ON environment.id = deployment.environment_id
