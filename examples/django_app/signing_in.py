"""Django's sign-in for the example's one password."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.backends import BaseBackend

from examples.common.signing_in import accepts
from examples.django_app.models import User


class OnePassword(BaseBackend):
    """Every user has the same password."""

    def authenticate(self, request: Any, username: str = "", password: str = "", **_more: Any) -> User | None:
        """The user, if it is that password."""
        del request
        if not accepts(password):
            return None
        found: User | None = User.objects.filter(username=username.replace("\0", ""), is_active=True).first()
        return found

    def get_user(self, user_id: Any) -> User | None:
        """The user of a session."""
        found: User | None = User.objects.filter(pk=user_id, is_active=True).first()
        return found
