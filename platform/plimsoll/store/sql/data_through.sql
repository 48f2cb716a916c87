-- Until when are deliveries in the numbers: up to the oldest one that waits, else up to the last one that came?
-- Each half is answered by an index; one question that asks both at once reads every delivery.
SELECT coalesce(
    (SELECT min(waiting.received_at) FROM webhook_delivery AS waiting WHERE waiting.status = 'pending'),
    (SELECT max(came.received_at) FROM webhook_delivery AS came)
) AS data_through
