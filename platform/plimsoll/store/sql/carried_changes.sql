-- Which changes did these deployments carry? The columns are those of `facts.CarriedChange`, in its order.
SELECT link.id, link.deployment_id, link.change_id, link.started_at, link.start, link.method
FROM deployment_change AS link
JOIN unnest(%(deployments)s::bigint[]) AS chosen (id) ON chosen.id = link.deployment_id
ORDER BY link.id
