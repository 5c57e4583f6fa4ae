"""What happens elsewhere and touches what was paid for. Receivers only enqueue."""

from __future__ import annotations
