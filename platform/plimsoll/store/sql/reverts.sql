-- Which of these deployments carried a revert, and which deployment of the same series had carried what it reverts?
-- git and its hosts title a revert `Revert "<title>"`; a squashed pull request's title ends with its number.
WITH revert AS (
    SELECT
        carried.deployment_id,
        change.repo,
        substring(change.title FROM '^Revert "(.+)"') AS title
    FROM deployment_change AS carried
    JOIN change ON change.id = carried.change_id
    WHERE carried.deployment_id = ANY(%(rows)s::bigint[])
        AND starts_with(change.title, 'Revert "')
),
original AS (
    SELECT revert.deployment_id, change.id, change.repo, change.head_sha
    FROM revert
    JOIN change
        ON change.repo = revert.repo
        AND (change.title = revert.title OR change.title || ' (#' || change.number || ')' = revert.title)
),
meant AS (
    SELECT original.deployment_id, original.id
    FROM original
    UNION
    SELECT original.deployment_id, change.id
    FROM original
    JOIN change ON change.repo = original.repo AND change.sha = original.head_sha
)
SELECT DISTINCT meant.deployment_id, reverted.id
FROM meant
JOIN deployment_change AS carried ON carried.change_id = meant.id
JOIN deployment AS reverted ON reverted.id = carried.deployment_id
JOIN deployment AS reverting ON reverting.id = meant.deployment_id
WHERE reverted.service_id = reverting.service_id
    AND reverted.environment_id = reverting.environment_id
    AND NOT reverted.is_deleted
    AND reverted.id <> reverting.id
