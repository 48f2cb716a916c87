-- Which commits were pushed to these pull requests' own branches, from the head back to the branch they go into?
WITH RECURSIVE walk AS (
    SELECT pull.repo, pull.branch, pull.id AS pull_id, change.id, change.parent_sha, 1 AS steps
    FROM change AS pull
    JOIN change ON change.repo = pull.repo AND change.sha = pull.head_sha AND change.grain = 'commit'
    WHERE pull.id = ANY(%(pulls)s::bigint[])
        AND (pull.branch IS NULL OR change.branch IS DISTINCT FROM pull.branch)
    UNION ALL
    SELECT walk.repo, walk.branch, walk.pull_id, change.id, change.parent_sha, walk.steps + 1
    FROM walk
    JOIN change ON change.repo = walk.repo AND change.sha = walk.parent_sha AND change.grain = 'commit'
    WHERE walk.steps < %(most)s
        AND (walk.branch IS NULL OR change.branch IS DISTINCT FROM walk.branch)
)
SELECT DISTINCT walk.id
FROM walk
