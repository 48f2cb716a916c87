# A deployment, from any script. Give each its own external_id; sent again it counts once.
curl --fail-with-body -X POST '<hook>' \
  -H 'Authorization: Bearer <token>' -H 'Content-Type: application/json' \
  -d '{"kind": "deployment", "external_id": "'"$(date -u +%s)"'", "service": "my-service",
       "environment": "production", "environment_class": "production", "version": "1.0.0", "status": "success",
       "finished_at": "'"$(date -u +%FT%TZ)"'"}'
