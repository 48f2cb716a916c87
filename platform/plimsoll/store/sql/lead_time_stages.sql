-- Through which stages did these carried changes come, and how long did each take in the middle?
-- A commit's pull request is the one that it is the head or the merge of. A stage whose ends are not both known, or are
-- the wrong way round, is unknown of that change. Of the stage that is named, if any, each change says how long it took.
WITH told AS (
    SELECT
        link.id,
        link.started_at AS written_at,
        coalesce(change.opened_at, pull.opened_at) AS opened_at,
        coalesce(change.merged_at, pull.merged_at) AS merged_at,
        coalesce(deployment.started_at, deployment.queued_at) AS rollout_at,
        link.started_at + make_interval(secs => link.lead_time_s) AS live_at
    FROM unnest(%(links)s::bigint[]) AS chosen (id)
    JOIN deployment_change AS link ON link.id = chosen.id
    JOIN change ON change.id = link.change_id
    JOIN deployment ON deployment.id = link.deployment_id
    LEFT JOIN LATERAL (
        SELECT pulls.opened_at, pulls.merged_at
        FROM change AS pulls
        WHERE pulls.repo = change.repo
            AND pulls.grain = 'pull_request'
            AND NOT pulls.is_deleted
            AND change.grain = 'commit'
            AND (pulls.merge_sha = change.sha OR pulls.head_sha = change.sha)
        ORDER BY pulls.merged_at
        LIMIT 1
    ) AS pull ON TRUE
),
stage AS (
    SELECT
        id,
        CASE WHEN opened_at >= written_at THEN extract(EPOCH FROM opened_at - written_at) END AS writing_s,
        CASE WHEN merged_at >= opened_at THEN extract(EPOCH FROM merged_at - opened_at) END AS review_s,
        CASE WHEN rollout_at >= merged_at THEN extract(EPOCH FROM rollout_at - merged_at) END AS waiting_s,
        CASE WHEN live_at >= rollout_at THEN extract(EPOCH FROM live_at - rollout_at) END AS rollout_s
    FROM told
),
named AS (
    SELECT
        *,
        CASE %(name)s::text
            WHEN 'writing' THEN writing_s
            WHEN 'review' THEN review_s
            WHEN 'waiting' THEN waiting_s
            WHEN 'rollout' THEN rollout_s
        END AS named_s
    FROM stage
)
SELECT
    count(*) AS changes,
    count(writing_s) AS writing_n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY writing_s) AS writing_s,
    count(review_s) AS review_n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY review_s) AS review_s,
    count(waiting_s) AS waiting_n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY waiting_s) AS waiting_s,
    count(rollout_s) AS rollout_n,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY rollout_s) AS rollout_s,
    jsonb_object_agg(id, named_s) FILTER (WHERE named_s IS NOT NULL) AS took
FROM named
