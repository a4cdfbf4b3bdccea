"""`edu2lms report`: one folder of pages that shows what was moved, what was not, and by which statement each number was found."""

from loader.report.build import ReportResult, build_report, report_of_refusal, report_summary
from loader.report.folder import require_usable

__all__ = ["ReportResult", "build_report", "report_of_refusal", "report_summary", "require_usable"]
