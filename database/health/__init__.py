"""Health pages for a balancer, an orchestrator and Prometheus: as an ASGI application and as Django views."""
