-- Which incidents opened in this window on the services asked for (is_own), and which did these deployments cause?
-- One that does not name its environment is where the deployment was that caused it, as far as that is known.
-- Its remedy is the first rollback or hotfix of its cause's series that was live after it opened.
WITH told AS (
    SELECT
        incident.id,
        incident.opened_at,
        incident.resolved_at,
        incident.status = 'resolved' AS resolved,
        incident.caused_by_id,
        incident.caused_by_method,
        incident.caused_by_confidence,
        coalesce(incident.environment_id, cause.environment_id) AS environment_id
    FROM incident
    LEFT JOIN deployment AS cause ON cause.id = incident.caused_by_id
    WHERE NOT incident.is_deleted
        AND (
            (incident.opened_at >= %(start)s AND incident.opened_at < %(end)s)
            OR (incident.opened_at IS NULL AND incident.resolved_at >= %(start)s AND incident.resolved_at < %(end)s)
            OR incident.caused_by_id = ANY(%(causes)s::bigint[])
        )
),
affected AS (
    SELECT
        incident_service.incident_id,
        array_agg(service.id ORDER BY service.id) AS service_ids,
        array_agg(service.team_id ORDER BY service.id) AS team_ids,
        bool_or(
            (%(teams)s::text[] IS NULL OR team.slug = ANY(%(teams)s))
            AND (
                %(services)s::text[] IS NULL
                OR service.name = ANY(%(services)s)
                OR service.namespace || '/' || service.name = ANY(%(services)s)
            )
        ) AS is_own
    FROM told
    JOIN incident_service ON incident_service.incident_id = told.id
    JOIN service ON service.id = incident_service.service_id
    LEFT JOIN team ON team.id = service.team_id
    GROUP BY incident_service.incident_id
)
SELECT
    told.id,
    told.opened_at,
    told.resolved_at,
    told.resolved,
    told.caused_by_id,
    told.caused_by_method,
    told.caused_by_confidence,
    environment.environment_class,
    told.environment_id,
    coalesce(affected.service_ids, '{}') AS service_ids,
    coalesce(affected.team_ids, '{}') AS team_ids,
    remedy.finished_at AS remedied_at,
    coalesce(affected.is_own, %(teams)s::text[] IS NULL AND %(services)s::text[] IS NULL)
        AND (%(environments)s::text[] IS NULL OR coalesce(environment.name = ANY(%(environments)s), FALSE)) AS is_own
FROM told
LEFT JOIN affected ON affected.incident_id = told.id
LEFT JOIN environment ON environment.id = told.environment_id
LEFT JOIN LATERAL (
    SELECT
        (
            SELECT max(part.finished_at)
            FROM deployment AS part
            WHERE (part.id = first.head OR part.rollout_of_id = first.head)
                AND part.status = 'success'
                AND NOT part.is_deleted
        ) AS finished_at
    FROM (
        SELECT head_row.id AS head
        FROM deployment AS cause
        JOIN deployment AS part
            ON part.service_id = cause.service_id
            AND part.environment_id = cause.environment_id
            AND part.status = 'success'
            AND NOT part.is_deleted
            AND part.finished_at >= coalesce(cause.finished_at, cause.started_at)
            AND part.finished_at >= told.opened_at
        JOIN deployment AS head_row ON head_row.id = coalesce(part.rollout_of_id, part.id)
        WHERE cause.id = told.caused_by_id
            AND head_row.kind IN ('rollback', 'hotfix')
            AND head_row.id <> cause.id
            -- What ended in the same second may be its remedy, or have been under way before it.
            AND (
                part.finished_at > coalesce(cause.finished_at, cause.started_at)
                OR head_row.started_at >= cause.started_at
            )
        ORDER BY part.finished_at
        LIMIT 1
    ) AS first
) AS remedy ON TRUE
