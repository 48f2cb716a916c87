-- Write what linkage says of deployment rows, where that differs from what they say.
UPDATE deployment
SET
    rollout_of_id = said.rollout_of,
    kind = said.kind,
    failed = said.failed,
    failed_reason = said.failed_reason,
    updated_at = statement_timestamp()
FROM unnest(
    %(ids)s::bigint[], %(rollouts)s::bigint[], %(kinds)s::text[], %(failed)s::boolean[], %(reasons)s::text[]
) AS said (id, rollout_of, kind, failed, failed_reason)
WHERE deployment.id = said.id
    AND (deployment.rollout_of_id, deployment.kind, deployment.failed, deployment.failed_reason)
        IS DISTINCT FROM (said.rollout_of, said.kind, said.failed, said.failed_reason)
