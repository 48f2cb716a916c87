-- What are teams, services and environments now, in one word (unknown inside a transaction that has written), how many
-- deployment rows are there, and which is the last?
SELECT
    CASE WHEN pg_current_xact_id_if_assigned() IS NULL THEN md5(concat(
        (SELECT string_agg(concat_ws(',', team.id, team.slug, team.name), ';' ORDER BY team.id) FROM team), '|',
        (
            SELECT string_agg(concat_ws(',', service.id, service.name, coalesce(service.team_id, 0)), ';' ORDER BY service.id)
            FROM service
        ), '|',
        (
            SELECT string_agg(
                concat_ws(',', environment.id, environment.name, environment.environment_class), ';'
                ORDER BY environment.id
            )
            FROM environment
        )
    )) END AS digest,
    (SELECT count(*) FROM deployment) AS deployments,
    coalesce((SELECT max(deployment.id) FROM deployment), 0) AS last_deployment
