-- Which series deployed a repository's commits after changes that this transaction touched, and since when?
-- A change matters from the moment it was made (a pull request: merged), a day less for clocks that run ahead.
WITH touched AS (
    SELECT
        change.repo,
        min(
            CASE change.grain
                WHEN 'pull_request' THEN change.merged_at
                ELSE coalesce(least(change.authored_at, change.committed_at), change.created_at - INTERVAL '30 days')
            END
        ) - INTERVAL '1 day' AS since
    FROM change
    WHERE change.repo = ANY(%(repos)s::text[])
        AND change.updated_at >= transaction_timestamp()
    GROUP BY change.repo
)
SELECT
    deployment.service_id,
    deployment.environment_id,
    min(coalesce(deployment.started_at, deployment.queued_at, deployment.finished_at))
FROM touched
JOIN deployment
    ON (deployment.repo = touched.repo OR deployment.repo IS NULL)
    AND deployment.finished_at >= touched.since
WHERE deployment.status = 'success'
    AND NOT deployment.is_deleted
    AND deployment.service_id IS NOT NULL
    AND deployment.environment_id IS NOT NULL
GROUP BY deployment.service_id, deployment.environment_id
