"""Who did what, when: recorded without making anybody wait, kept on disk while lms is away, written once when it is back.

| module | what |
|---|---|
| `recorder` | the core: a bounded queue, a thread that writes it, a spool on disk |
| `asgi` | FastAPI and Starlette |
| `django` | Django, sync and async |
| `context` | what belongs to the request that is under way: for views, and for the triggers of the database |
| `signing` | login, logout, failed login, where no framework says it |
"""
