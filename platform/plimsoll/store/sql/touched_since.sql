-- Which deployments were written at or after this moment, which services had news of the repositories that they come
-- from, and were there incidents? Whatever linkage derives is written on these rows too.
SELECT 'deployment' AS what, deployment.id, deployment.service_id
FROM deployment
WHERE deployment.updated_at >= %(since)s
UNION ALL
SELECT DISTINCT 'change' AS what, NULL::bigint AS id, deployment.service_id
FROM (
    SELECT DISTINCT change.repo
    FROM change
    WHERE change.updated_at >= %(since)s
) AS news
JOIN deployment ON deployment.repo = news.repo
UNION ALL
(
    SELECT 'incident' AS what, incident.id, NULL::bigint AS service_id
    FROM incident
    WHERE incident.updated_at >= %(since)s
    LIMIT 1
)
