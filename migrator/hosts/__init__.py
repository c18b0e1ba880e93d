"""The other places where models hide: configuration, notebooks, other languages, prose."""

from __future__ import annotations

from migrator.hosts.base import Host, HostContext, HostResult
from migrator.hosts.run import HOSTS, HostsOutcome, run_hosts

__all__ = ["HOSTS", "Host", "HostContext", "HostResult", "HostsOutcome", "run_hosts"]
