-- Which deployments ended, or else began, in this window, each with its attempts and rollouts collapsed into it?
-- What follows a deployment within the attribution window is read too: it ends the time in which that can be blamed.
-- Runs that died before they touched anything end nothing. The columns are those of `facts.Deployment`, in its order.
-- What is materialized is computed once even where statistics say that there is hardly a row: joined as if there were
-- one, attempts and series were collapsed anew for each deployment.
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
        AND (
            %(services)s::text[] IS NULL
            OR service.name = ANY(%(services)s)
            OR service.namespace || '/' || service.name = ANY(%(services)s)
        )
        AND (%(environments)s::text[] IS NULL OR environment.name = ANY(%(environments)s))
),
part AS (
    SELECT head.id AS head, deployment.*
    FROM head
    JOIN deployment ON deployment.id = head.id
    WHERE NOT deployment.is_deleted
    UNION ALL
    SELECT head.id AS head, deployment.*
    FROM head
    JOIN deployment ON deployment.rollout_of_id = head.id
    WHERE NOT deployment.is_deleted
),
collapsed AS MATERIALIZED (
    SELECT
        part.head AS id,
        bool_or(part.status = 'success') AS succeeded,
        coalesce(bool_or(part.rolled_back), FALSE) AS rolled_back,
        bool_or(part.status IN ('pending', 'running', 'unknown')) AS running,
        min(part.queued_at) AS queued_at,
        min(part.started_at) AS started_at,
        max(part.finished_at) FILTER (WHERE part.status = 'success') AS live_at,
        max(part.finished_at) AS ended_at
    FROM part
    GROUP BY part.head
),
known AS (
    SELECT
        collapsed.id,
        collapsed.succeeded,
        collapsed.running AND NOT (collapsed.succeeded OR collapsed.rolled_back) AS unfinished,
        collapsed.rolled_back OR (deployment.failed IS TRUE AND NOT collapsed.succeeded) AS exposed,
        collapsed.queued_at,
        collapsed.started_at,
        ended.finished_at,
        coalesce(collapsed.started_at, ended.finished_at) AS began_at
    FROM collapsed
    JOIN deployment ON deployment.id = collapsed.id
    CROSS JOIN LATERAL (
        SELECT
            CASE
                WHEN collapsed.succeeded THEN collapsed.live_at
                WHEN collapsed.rolled_back OR NOT collapsed.running THEN collapsed.ended_at
            END AS finished_at
    ) AS ended
),
series AS MATERIALIZED (
    SELECT place.service_id, place.environment_id, earliest.first_head, earliest.first_at
    FROM (
        SELECT DISTINCT deployment.service_id, deployment.environment_id
        FROM head
        JOIN deployment ON deployment.id = head.id
    ) AS place
    CROSS JOIN LATERAL (
        SELECT coalesce(deployment.rollout_of_id, deployment.id) AS first_head, deployment.finished_at AS first_at
        FROM deployment
        WHERE deployment.service_id = place.service_id
            AND deployment.environment_id = place.environment_id
            AND deployment.status = 'success'
            AND NOT deployment.is_deleted
            AND deployment.finished_at IS NOT NULL
        ORDER BY deployment.finished_at
        LIMIT 1
    ) AS earliest
)
SELECT
    known.id,
    deployment.kind,
    coalesce(environment.environment_class, 'unknown') AS environment_class,
    known.succeeded,
    known.unfinished,
    known.exposed,
    known.queued_at,
    known.started_at,
    known.finished_at,
    deployment.failed,
    deployment.failed_reason,
    min(known.began_at) FILTER (WHERE known.succeeded OR known.exposed OR known.unfinished) OVER later AS superseded_at,
    known.succeeded AND CASE
        WHEN series.first_head <> known.id THEN coalesce(series.first_at >= known.finished_at, TRUE)
        ELSE NOT EXISTS (
            SELECT FROM deployment AS earlier
            WHERE earlier.service_id = deployment.service_id
                AND earlier.environment_id = deployment.environment_id
                AND earlier.status = 'success'
                AND NOT earlier.is_deleted
                AND earlier.finished_at < known.finished_at
                AND coalesce(earlier.rollout_of_id, earlier.id) <> known.id
        )
    END AS is_first,
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
LEFT JOIN series
    ON series.service_id = deployment.service_id
    AND series.environment_id = deployment.environment_id
WINDOW later AS (
    PARTITION BY deployment.service_id, deployment.environment_id
    ORDER BY known.began_at DESC NULLS LAST, known.id DESC
    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
)
ORDER BY known.id
