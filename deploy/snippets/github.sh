# GitHub: a webhook of a repository (or of an organisation: orgs/OWNER/hooks). It needs `gh auth login`.
# By hand: Settings > Webhooks > Add webhook, with this address and secret, application/json, and these events.
gh api repos/OWNER/REPO/hooks -X POST -f name=web -F active=true \
  -f 'config[url]=<hook>' \
  -f 'config[content_type]=json' \
  -f 'config[secret]=<secret>' \
  -f 'events[]=deployment' -f 'events[]=deployment_status' -f 'events[]=workflow_run' -f 'events[]=push' \
  -f 'events[]=pull_request' -f 'events[]=pull_request_review' -f 'events[]=release' -f 'events[]=issues'
