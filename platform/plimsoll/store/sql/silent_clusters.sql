-- Which clusters were heard of after one moment and not after another, and when was the last minute of each?
SELECT heard.cluster, heard.last_seen
FROM (
    SELECT node.cluster, max(edge.last_seen) AS last_seen
    FROM edge
    JOIN node ON node.id = edge.client_id OR node.id = edge.server_id
    WHERE node.cluster <> ''
        AND edge.last_seen >= %(known_since)s
    GROUP BY node.cluster
) AS heard
WHERE heard.last_seen < %(quiet_since)s
ORDER BY heard.last_seen, heard.cluster
