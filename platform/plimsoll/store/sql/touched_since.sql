-- Which deployments were written at or after this moment, which services had news of the repositories that they come
-- from, and which incidents were there? Whatever linkage derives is written on these rows too. The last column is a
-- deployment's or a change's service, and an incident's cause.
SELECT 'deployment' AS what, deployment.id, deployment.service_id AS about
FROM deployment
WHERE deployment.updated_at >= %(since)s
UNION ALL
SELECT DISTINCT 'change' AS what, NULL::bigint, deployment.service_id
FROM (
    SELECT DISTINCT change.repo
    FROM change
    WHERE change.updated_at >= %(since)s
) AS news
JOIN deployment ON deployment.repo = news.repo
UNION ALL
SELECT 'incident' AS what, incident.id, incident.caused_by_id
FROM incident
WHERE incident.updated_at >= %(since)s
