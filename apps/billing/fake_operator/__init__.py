"""An operator of Mobile Money that runs on this machine: a real HTTP server with a truth of its own (docs/fake-operator.md).

It knows nothing of our tables and imports nothing of Django, so that what we believe can be compared with what happened.
"""
