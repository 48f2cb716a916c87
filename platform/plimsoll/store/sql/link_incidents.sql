-- Write which deployment caused each incident, where that differs from what is written.
UPDATE incident
SET
    caused_by_id = said.deployment,
    caused_by_method = said.method,
    caused_by_confidence = said.confidence,
    updated_at = statement_timestamp()
FROM unnest(
    %(ids)s::bigint[], %(deployments)s::bigint[], %(methods)s::text[], %(confidences)s::float8[]
) AS said (id, deployment, method, confidence)
WHERE incident.id = said.id
    AND (incident.caused_by_id, incident.caused_by_method, incident.caused_by_confidence)
        IS DISTINCT FROM (said.deployment, said.method, said.confidence)
