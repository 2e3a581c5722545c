"""Attempts to sign in, in public: for the administrators of an organisation."""

from domain.sign_in_attempt import SignInAttempt, SignInAttemptFilter, SignInAttemptOrderField
from graph.listing import list_of
from graph.publish import publish
from storage.sign_in_attempt import SIGN_IN_ATTEMPT, SIGN_IN_ATTEMPTS, sign_in_attempts

publish(SignInAttempt)

QUERIES = (
    list_of(
        SIGN_IN_ATTEMPTS,
        "sign_in_attempts",
        "登录记录. Who has tried to sign in to the accounts of the viewer's organisation, for its administrators; each "
        "minute is told when it is over. 手册 第四篇 (manual).",
        sign_in_attempts,
        SignInAttemptFilter,
        {SignInAttemptOrderField.ATTEMPTED_AT: SIGN_IN_ATTEMPT.c.attempted_at},
    ),
)
