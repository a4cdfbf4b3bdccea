"""`edu2lms verify`: every row and every mapped column of lms, derived anew from edu by the rules and compared, without sampling.

The derivation shares nothing with the dbt models: other SQL, other functions, the seeds read from their files. Where the two
disagree, one of them is wrong.
"""

from loader.verify.core import Verification
from loader.verify.report import verification_report
from loader.verify.results import Difference, EntityVerification, VerificationVerdict, VerifyResult
from loader.verify.run import verify

__all__ = [
    "Difference",
    "EntityVerification",
    "Verification",
    "VerificationVerdict",
    "VerifyResult",
    "verification_report",
    "verify",
]
