-- Which series of deployments are there among these, and since when is something known of them?
SELECT
    deployment.service_id,
    deployment.environment_id,
    service.team_id,
    coalesce(environment.environment_class, 'unknown') AS environment_class,
    min(coalesce(deployment.started_at, deployment.queued_at, deployment.finished_at)) AS known_since
FROM deployment
LEFT JOIN service ON service.id = deployment.service_id
LEFT JOIN team ON team.id = service.team_id
LEFT JOIN environment ON environment.id = deployment.environment_id
WHERE NOT deployment.is_deleted
    AND (%(teams)s::text[] IS NULL OR team.slug = ANY(%(teams)s))
    AND (
        %(services)s::text[] IS NULL
        OR service.name = ANY(%(services)s)
        OR service.namespace || '/' || service.name = ANY(%(services)s)
    )
    AND (%(environments)s::text[] IS NULL OR environment.name = ANY(%(environments)s))
GROUP BY deployment.service_id, deployment.environment_id, service.team_id, environment.environment_class
