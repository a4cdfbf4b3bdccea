"""Django's ORM on the connection manager: `DATABASES = {"default": {"ENGINE": "database.django_backend"}}`."""
