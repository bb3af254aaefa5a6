"""Whether a role keeps the rules: a dry run of a small search with scripted models, over and over."""

from .checking import CheckedRole, RoleRefused, check_role

__all__ = ["CheckedRole", "RoleRefused", "check_role"]
