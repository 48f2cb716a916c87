-- Which transactions wrote the minutes of a window last, and since when are how many edges known?
SELECT minutes.written, own.written, known.n, known.since
FROM (
    SELECT sum(hashint8extended(xmin::text::bigint, cmin::text::bigint)) AS written
    FROM edge_minute
    WHERE minute >= date_trunc('minute', %(start)s) AND minute < %(end)s
) AS minutes
CROSS JOIN (
    SELECT sum(hashint8extended(xmin::text::bigint, cmin::text::bigint)) AS written
    FROM node_minute
    WHERE minute >= date_trunc('minute', %(start)s) AND minute < %(end)s
) AS own
CROSS JOIN (SELECT count(*) AS n, sum(extract(EPOCH FROM first_seen)) AS since FROM edge) AS known
