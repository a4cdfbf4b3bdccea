"""The analysts' seed files: what is wrong with them, what is missing in them, what each line decides."""

from loader.mappings.check import check_files, require_sound
from loader.mappings.coverage import coverage
from loader.mappings.live import check_against_databases
from loader.mappings.results import CheckedSeeds, Coverage, SeedFinding, Suggestions
from loader.mappings.suggest import suggest

__all__ = [
    "CheckedSeeds",
    "Coverage",
    "SeedFinding",
    "Suggestions",
    "check_against_databases",
    "check_files",
    "coverage",
    "require_sound",
    "suggest",
]
