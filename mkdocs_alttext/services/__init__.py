"""Where captions come from: one protocol, and the services that follow it."""
