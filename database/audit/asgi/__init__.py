"""FastAPI and Starlette: a pure ASGI middleware, and the two addresses of the script for time on page.

from database.audit.asgi import install

app = FastAPI()
install(app)
"""

from database.audit.asgi.middleware import AuditMiddleware
from database.audit.asgi.pages import install

__all__ = ["AuditMiddleware", "install"]
