"""The conformance suite for roles: repeated dry runs of a small search with scripted models."""

from .checking import CheckedRole, RoleRefused, check_role

__all__ = ["CheckedRole", "RoleRefused", "check_role"]
