-- Which commits lead from these back along their parents, each walk up to its own stops?
WITH RECURSIVE seed AS (
    SELECT *
    FROM unnest(%(walkers)s::int[], %(repos)s::text[], %(shas)s::text[]) AS seed (walker, repo, sha)
),
stop AS MATERIALIZED (
    SELECT DISTINCT *
    FROM unnest(%(stop_walkers)s::int[], %(stop_shas)s::text[]) AS stop (walker, sha)
),
walk AS (
    SELECT seed.walker, change.id, change.repo, change.parent_sha, 1 AS steps
    FROM seed
    JOIN change ON change.repo = seed.repo AND change.sha = seed.sha AND change.grain = 'commit'
    UNION ALL
    SELECT walk.walker, change.id, change.repo, change.parent_sha, walk.steps + 1
    FROM walk
    JOIN change ON change.repo = walk.repo AND change.sha = walk.parent_sha AND change.grain = 'commit'
    WHERE walk.steps < %(most)s
        AND NOT EXISTS (
            SELECT FROM stop
            WHERE stop.walker = walk.walker
                AND stop.sha = walk.parent_sha
        )
)
SELECT DISTINCT walk.id
FROM walk
