-- Which of the changes that these deployments carried had gone live with their service in another of these environments
-- before?
WITH chosen AS (
    SELECT link.id, link.change_id, deployment.service_id
    FROM deployment_change AS link
    JOIN deployment ON deployment.id = link.deployment_id
    WHERE link.deployment_id = ANY(%(deployments)s)
),
everywhere AS (
    SELECT link.id, link.change_id, link.deployment_id, deployment.service_id
    FROM deployment_change AS link
    JOIN deployment ON deployment.id = link.deployment_id
    WHERE link.change_id IN (SELECT chosen.change_id FROM chosen)
        AND deployment.service_id IN (SELECT chosen.service_id FROM chosen)
        AND deployment.environment_id = ANY(%(environments)s)
        AND NOT deployment.is_deleted
),
part AS (
    SELECT deployment.id AS head, deployment.finished_at
    FROM deployment
    WHERE deployment.id IN (SELECT everywhere.deployment_id FROM everywhere)
        AND deployment.status = 'success'
        AND NOT deployment.is_deleted
    UNION ALL
    SELECT deployment.rollout_of_id AS head, deployment.finished_at
    FROM deployment
    WHERE deployment.rollout_of_id IN (SELECT everywhere.deployment_id FROM everywhere)
        AND deployment.status = 'success'
        AND NOT deployment.is_deleted
),
live AS (
    SELECT part.head, max(part.finished_at) AS live_at
    FROM part
    GROUP BY part.head
),
placed AS (
    SELECT
        everywhere.id,
        row_number() OVER (
            PARTITION BY everywhere.change_id, everywhere.service_id
            ORDER BY live.live_at, everywhere.id
        ) AS place
    FROM everywhere
    JOIN live ON live.head = everywhere.deployment_id
)
SELECT placed.id
FROM placed
JOIN chosen ON chosen.id = placed.id
WHERE placed.place > 1
