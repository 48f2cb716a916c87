"""The demo's live mesh: a process of its own that sends what sidecars and gateways send, through the front doors."""
