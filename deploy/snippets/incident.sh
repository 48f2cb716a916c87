# An incident by hand: opened now. Send it again with "status": "resolved" when it is over.
curl --fail-with-body -X POST '<hook>' \
  -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' \
  -d '{"kind": "incident", "external_id": "INC-1", "title": "Checkout is slow", "service": "my-service",
       "environment": "production", "severity": "SEV2", "status": "open"}'
