"""Django on the connection manager: views that ask it themselves, and the ORM on the same connections."""
