-- Which clusters were heard of after one moment and not after another, and when was the last minute of each?
-- Whatever either end of a call says is heard of its cluster; each end by itself is joined once, not looked up a node.
SELECT heard.cluster, heard.last_seen
FROM (
    SELECT node.cluster, max(spoken.last_seen) AS last_seen
    FROM (
        SELECT edge.client_id AS id, edge.last_seen FROM edge WHERE edge.last_seen >= %(known_since)s
        UNION ALL
        SELECT edge.server_id AS id, edge.last_seen FROM edge WHERE edge.last_seen >= %(known_since)s
    ) AS spoken
    JOIN node ON node.id = spoken.id
    WHERE node.cluster <> ''
    GROUP BY node.cluster
) AS heard
WHERE heard.last_seen < %(quiet_since)s
ORDER BY heard.last_seen, heard.cluster
