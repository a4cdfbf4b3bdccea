"""The application's way to its database: lms first, the legacy edu as a read-only safety net when lms is out."""
